// Command faulty is the server with a sink that panics.
package main

import (
	"context"
	"os"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/heroku/wiring"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func main() {
	os.Exit(wiring.Run(context.Background(), wiring.Process{
		Args: os.Args[1:], Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr,
		Sinks: sink.Drivers{"panic": adaptertest.PanicSink},
	}))
}
