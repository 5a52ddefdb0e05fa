package pubsub_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// The official fake keeps its messages in memory alone, so what is killed is the REST
// API in front of it, with the requests that are under way.
func TestRestart(t *testing.T) {
	b := newBroker(t)
	s := sinktest.NewServer(t, b)
	over := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(over.CloseIdleConnections)
	sinktest.RunRestart(t, sinktest.Restart{
		Backend: sinktest.Backend{
			Open: func(ctx context.Context) (sink.Sink, error) {
				return open(ctx, pubsub.Config{Emulator: s.Address(), Client: &http.Client{Transport: over}}, sinkURL)
			},
			Stored: b.stored,
		},
		Kill: s.Kill, Start: s.Start,
	})
}
