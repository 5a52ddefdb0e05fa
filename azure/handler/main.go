// Command handler is the custom handler that the Azure Functions host starts: it
// receives a Data Connector's events and runs the scheduled functions.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/dt-functions/dt-functions/azure/wiring"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := wiring.Run(ctx, wiring.Process{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr})
	stop()
	os.Exit(code)
}
