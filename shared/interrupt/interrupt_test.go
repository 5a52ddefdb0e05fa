package interrupt_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/dt-functions/dt-functions/shared/interrupt"
)

func TestSignal(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		ctx := interrupt.Context(t.Context())
		if err := ctx.Err(); err != nil {
			t.Fatal(err)
		}
		process, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
	}
}

func TestParent(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	ctx := interrupt.Context(parent)
	cancel()
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error(ctx.Err())
	}
}
