// Command dtfn runs, feeds and checks dt-functions from the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
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
	code := command.Run(ctx, command.Process{
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	})
	os.Exit(code)
}
