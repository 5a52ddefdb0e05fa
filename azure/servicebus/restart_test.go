package servicebus_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// Service Bus has no emulator that runs without containers: it is the stand-in that is
// killed, with the requests that are under way.
func TestRestart(t *testing.T) {
	n := newNamespace(t)
	server := sinktest.NewServer(t, n)
	over := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(over.CloseIdleConnections)
	d := sink.Drivers{servicebus.Scheme: servicebus.Opener(servicebus.Config{
		Tokens: tokens{"token"}, Client: &http.Client{Transport: redirect{server.Address(), over}},
	})}
	sinktest.RunRestart(t, sinktest.Restart{
		Backend: sinktest.Backend{
			Open:   func(ctx context.Context) (sink.Sink, error) { return d.Open(ctx, []string{address}) },
			Stored: n.events,
		},
		Kill: server.Kill, Start: server.Start,
	})
}
