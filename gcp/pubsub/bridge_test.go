package pubsub_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/gcp/pubsub/pubsubtest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	topicName = "projects/plant-7/topics/sensor.events"
	sinkURL   = "gcp-pubsub://" + topicName
)

// A broker is Pub/Sub with the topic, and keeps count of what is published.
type broker struct {
	*pubsubtest.Server

	mu       sync.Mutex
	requests []int // how many messages each had
	bodies   []int // how many bytes each had
	headers  []http.Header
}

// newBroker returns a broker, and has t stop it.
func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{Server: pubsubtest.Start(t, topicName)}
	b.Before = b.note
	return b
}

// note keeps what is told of a request.
func (b *broker) note(r *http.Request, body []byte) error {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, ":publish") {
		return status.Errorf(codes.Unimplemented, "no method %s %s", r.Method, r.URL.Path)
	}
	var request struct{ Messages []json.RawMessage }
	if err := json.Unmarshal(body, &request); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.bodies = append(b.requests, len(request.Messages)), append(b.bodies, len(body))
	b.headers = append(b.headers, r.Header)
	return nil
}

// stored returns the messages that are in the topic, in order of arrival.
func (b *broker) stored(context.Context) ([]sink.Message, error) {
	var all []sink.Message
	for _, m := range b.Fake.Messages() {
		a := m.Attributes
		all = append(all, sink.Message{
			ID: a["eventId"], Key: m.OrderingKey, Data: m.Data,
			Attributes: sink.Attributes{
				EventType: a["eventType"], DeviceType: a["deviceType"], ProjectID: a["projectId"],
				Recovered: a["recovered"] == "true", DeadLetter: a["deadLetter"],
			},
		})
	}
	return all, nil
}

// seen returns how many messages and bytes each request had.
func (b *broker) seen() (messages, bytes []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests), slices.Clone(b.bodies)
}

func open(ctx context.Context, c pubsub.Config, rawURL string) (sink.Sink, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	return pubsub.Opener(c)(ctx, u)
}

func mustOpen(t *testing.T, c pubsub.Config) sink.Sink {
	t.Helper()
	s, err := open(t.Context(), c, sinkURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
