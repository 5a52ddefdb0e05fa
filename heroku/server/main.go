// Command server receives events over HTTP, on Heroku, Code Engine, Cloud Run,
// Kubernetes or any machine. Its settings are environment variables.
package main

import (
	"context"
	"os"

	// Certificate authorities for images that have none, such as those made from
	// scratch. Where the system has its own, they are not used.
	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/dt-functions/dt-functions/heroku/wiring"
	"github.com/dt-functions/dt-functions/shared/interrupt"
)

func main() {
	os.Exit(wiring.Run(interrupt.Context(context.Background()), wiring.Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}))
}
