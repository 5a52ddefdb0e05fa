// Command exec is the OpenWhisk action: receive as a web action, and sync, configure
// and recover by triggers.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/ibm/wiring"
)

func main() {
	err := wiring.Run(context.Background(), wiring.Process{
		Environ: os.Environ(),
		In:      os.Stdin,
		Out:     os.NewFile(3, "answers"),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "exec:", err)
		os.Exit(1)
	}
}
