package pubsub_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	topicName = "projects/plant-7/topics/sensor.events"
	sinkURL   = "gcp-pubsub://" + topicName
)

// A broker is the official fake, which speaks gRPC only, with the REST API in front of
// it. Bodies are decoded by the protocol's own definition.
type broker struct {
	fake    *pstest.Server
	server  *httptest.Server
	publish func(ctx context.Context, r *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error)

	mu       sync.Mutex
	requests []int // how many messages each had
	bodies   []int // how many bytes each had
	headers  []http.Header
}

// newBroker returns a broker that has the topic, and has t stop it.
func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{fake: pstest.NewServer()}
	b.publish = b.fake.GServer.Publish
	t.Cleanup(func() {
		if err := b.fake.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := b.fake.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName}); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

func (b *broker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v1/"), ":publish")
	if !ok || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		fail(w, status.Errorf(codes.Unimplemented, "no method %s %s", r.Method, r.URL.Path))
		return
	}
	body, err := io.ReadAll(r.Body)
	request := new(pubsubpb.PublishRequest)
	if err == nil {
		err = protojson.Unmarshal(body, request)
	}
	if err != nil {
		fail(w, status.Error(codes.InvalidArgument, err.Error()))
		return
	}
	b.mu.Lock()
	b.requests, b.bodies = append(b.requests, len(request.GetMessages())), append(b.bodies, len(body))
	b.headers = append(b.headers, r.Header)
	b.mu.Unlock()
	request.Topic = name
	answer, err := b.publish(r.Context(), request)
	if err != nil {
		fail(w, err)
		return
	}
	encoded, err := protojson.Marshal(answer)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encoded)
}

// fail answers as Google's services do ("Errors" of the API design guide).
func fail(w http.ResponseWriter, err error) {
	known := map[codes.Code]struct {
		status int
		name   string
	}{
		codes.InvalidArgument:   {http.StatusBadRequest, "INVALID_ARGUMENT"},
		codes.PermissionDenied:  {http.StatusForbidden, "PERMISSION_DENIED"},
		codes.Unauthenticated:   {http.StatusUnauthorized, "UNAUTHENTICATED"},
		codes.NotFound:          {http.StatusNotFound, "NOT_FOUND"},
		codes.Aborted:           {http.StatusConflict, "ABORTED"},
		codes.ResourceExhausted: {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
		codes.Unimplemented:     {http.StatusNotImplemented, "UNIMPLEMENTED"},
		codes.Unavailable:       {http.StatusServiceUnavailable, "UNAVAILABLE"},
	}
	what, ok := known[status.Code(err)]
	if !ok {
		what.status, what.name = http.StatusInternalServerError, "INTERNAL"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(what.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": what.status, "status": what.name, "message": status.Convert(err).Message(),
	}})
}

// config reaches the broker as an emulator.
func (b *broker) config() pubsub.Config {
	return pubsub.Config{Emulator: b.server.Listener.Addr().String(), Client: b.server.Client()}
}

// stored returns the messages that are in the topic, in order of arrival.
func (b *broker) stored(context.Context) ([]sink.Message, error) {
	var all []sink.Message
	for _, m := range b.fake.Messages() {
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
