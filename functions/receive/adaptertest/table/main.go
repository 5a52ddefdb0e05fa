// Command table prints what the adapters have answered: a row a request, a column a
// platform. Its argument is the directory that DTFN_ADAPTER_TABLE named when their
// tests ran.
package main

import (
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: table DIRECTORY")
		os.Exit(2)
	}
	if err := adaptertest.Table(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}
