//go:build !faulty

package main

import "github.com/dt-functions/dt-functions/shared/sink"

// furtherSinks are none.
func furtherSinks() sink.Drivers { return nil }
