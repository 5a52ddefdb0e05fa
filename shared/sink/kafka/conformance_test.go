package kafka_test

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// MaxData stays 0, at least 1 MiB: how long the longest data is depends on its key
// and headers, and is tested in size_test.go.
func TestConformance(t *testing.T) {
	for name, partitions := range map[string]int32{"one partition": 1, "several partitions": 4} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, sinktest.Harness{
				KeepsID: true, KeepsKey: true, KeepsAttributes: true,
				New: func(t *testing.T) sinktest.Backend {
					c := newFake(t, partitions)
					return sinktest.Backend{
						Open:   func(context.Context) (sink.Sink, error) { return kafka.New(config(c)) },
						Stored: func(ctx context.Context) ([]sink.Message, error) { return stored(ctx, c.ListenAddrs()) },
					}
				},
			})
		})
	}
}
