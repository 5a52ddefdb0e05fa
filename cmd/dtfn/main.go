// Command dtfn runs, feeds and checks dt-functions from the command line.
package main

import (
	"context"
	"os"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
	"github.com/dt-functions/dt-functions/shared/interrupt"
)

func main() {
	code := command.Run(interrupt.Context(context.Background()), command.Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	})
	os.Exit(code)
}
