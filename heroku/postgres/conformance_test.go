//go:build platforms

package postgres_test

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

func TestSinkConforms(t *testing.T) {
	sinktest.Run(t, harness(func(t *testing.T) string { return newDatabase(t, shared) }))
}

func harness(database func(t *testing.T) string) sinktest.Harness {
	return sinktest.Harness{
		New: func(t *testing.T) sinktest.Backend {
			database := database(t)
			return sinktest.Backend{
				Open:   func(ctx context.Context) (sink.Sink, error) { return openSink(ctx, database) },
				Stored: func(ctx context.Context) ([]sink.Message, error) { return stored(ctx, database) },
			}
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true, DetectsDuplicates: true,
		MaxData: postgres.MaxData,
	}
}
