//go:build faulty

package main

import (
	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// furtherSinks is one that panics, for the test of what a defect does.
func furtherSinks() sink.Drivers { return sink.Drivers{"panic": adaptertest.PanicSink} }
