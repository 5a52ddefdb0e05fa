// Command faulty is exec with a sink that has a defect.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/ibm/wiring"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func main() {
	err := wiring.Run(context.Background(), wiring.Process{
		Environ: os.Environ(), In: os.Stdin, Out: os.NewFile(3, "answers"), Stdout: os.Stdout, Stderr: os.Stderr,
		Sinks: sink.Drivers{"panic": adaptertest.PanicSink},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "faulty:", err)
		os.Exit(1)
	}
}
