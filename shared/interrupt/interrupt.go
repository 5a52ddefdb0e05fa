// Package interrupt stops a program in good order at the first signal, and at once at the
// second.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Context returns a context that ends with ctx, or when the process is interrupted or
// asked to terminate. A signal after that has its usual effect, from before the end of
// the context can be seen: signal.NotifyContext would lose one that comes right away.
func Context(ctx context.Context) context.Context {
	ctx, stop := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals)
		stop()
	}()
	return ctx
}
