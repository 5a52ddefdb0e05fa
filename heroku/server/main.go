// Command server receives events over HTTP, on Heroku, Code Engine, Cloud Run,
// Kubernetes or any machine. Its settings are environment variables.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	// Certificate authorities for images that have none, such as those made from
	// scratch. Where the system has its own, they are not used.
	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/dt-functions/dt-functions/heroku/wiring"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		// The first signal stops in good order; a second one stops at once, from before
		// anything can be seen of the first.
		signal.Stop(signals)
		stop()
	}()
	os.Exit(wiring.Run(ctx, wiring.Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}))
}
