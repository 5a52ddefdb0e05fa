package receive_test

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/sink"
)

type discard struct{}

func (discard) Publish(context.Context, []sink.Message) (sink.Result, error) {
	return sink.Result{}, nil
}
func (discard) Close() error { return nil }

// BenchmarkHandle is one event through the whole function, into a sink that does
// nothing. The comparison with other ways is `make bench`.
func BenchmarkHandle(b *testing.B) {
	f := function(b, receive.Config{Handler: handling.Handler{Sink: discard{}}})
	request := signed(b, testBody)
	b.ReportAllocs()
	for b.Loop() {
		if answer := f.Handle(b.Context(), request); answer.Outcome != receive.Accepted {
			b.Fatal(answer.Outcome)
		}
	}
}
