package gcpfind_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

const (
	topicName = "projects/plant-7/topics/sensor.events"
	// consumer is a subscription that is there before any finder.
	consumer = "projects/plant-7/subscriptions/consumer"
)

// A broker is the official fake, which speaks gRPC only, with the REST API in front of
// it. Bodies are decoded by the protocol's own definition.
type broker struct {
	fake   *pstest.Server
	server *httptest.Server
	// fault, unless nil, answers instead of the broker when it returns an error.
	fault func(method, path string) error
}

// newBroker returns a broker with the topic and its consumer, and has t stop it.
func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{fake: pstest.NewServer()}
	t.Cleanup(func() {
		if err := b.fake.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := b.fake.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.fake.GServer.CreateSubscription(t.Context(), &pubsubpb.Subscription{Name: consumer, Topic: topicName, AckDeadlineSeconds: 10}); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

// config reaches the broker as an emulator.
func (b *broker) config() pubsub.Config {
	return pubsub.Config{Emulator: b.server.Listener.Addr().String(), Client: b.server.Client()}
}

func (b *broker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := b.serve(r)
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

func (b *broker) serve(r *http.Request) (proto.Message, error) {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	if b.fault != nil {
		if err := b.fault(r.Method, path); err != nil {
			return nil, err
		}
	}
	name, verb, _ := strings.Cut(path, ":")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	decode := func(into proto.Message) error {
		if err := protojson.Unmarshal(body, into); err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
		return nil
	}
	s := &b.fake.GServer
	switch r.Method + " " + verb {
	case "POST publish":
		in := &pubsubpb.PublishRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Topic = name
		return s.Publish(r.Context(), in)
	case "PUT ":
		in := &pubsubpb.Subscription{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Name = name
		return s.CreateSubscription(r.Context(), in)
	case "DELETE ":
		return s.DeleteSubscription(r.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: name})
	case "POST pull":
		in := &pubsubpb.PullRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Subscription = name
		return s.Pull(r.Context(), in)
	case "POST acknowledge":
		in := &pubsubpb.AcknowledgeRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Subscription = name
		return s.Acknowledge(r.Context(), in)
	}
	return nil, status.Errorf(codes.Unimplemented, "no method %s %s", r.Method, r.URL.Path)
}

// fail answers as Google's services do ("Errors" of the API design guide).
func fail(w http.ResponseWriter, err error) {
	known := map[codes.Code]struct {
		status int
		name   string
	}{
		codes.InvalidArgument:  {http.StatusBadRequest, "INVALID_ARGUMENT"},
		codes.PermissionDenied: {http.StatusForbidden, "PERMISSION_DENIED"},
		codes.Unauthenticated:  {http.StatusUnauthorized, "UNAUTHENTICATED"},
		codes.NotFound:         {http.StatusNotFound, "NOT_FOUND"},
		codes.AlreadyExists:    {http.StatusConflict, "ALREADY_EXISTS"},
		codes.Unimplemented:    {http.StatusNotImplemented, "UNIMPLEMENTED"},
		codes.Unavailable:      {http.StatusServiceUnavailable, "UNAVAILABLE"},
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

// left returns the ids of what the consumer gets.
func (b *broker) left(ctx context.Context) ([]string, error) {
	var ids []string
	for {
		request := &pubsubpb.PullRequest{}
		if err := protojson.Unmarshal([]byte(`{"subscription":"`+consumer+`","maxMessages":100,"returnImmediately":true}`), request); err != nil {
			return nil, err
		}
		got, err := b.fake.GServer.Pull(ctx, request)
		if err != nil || len(got.GetReceivedMessages()) == 0 {
			return ids, err
		}
		var acks []string
		for _, m := range got.GetReceivedMessages() {
			id, idErr := findtest.ID(m.GetMessage().GetData())
			ids, acks, err = append(ids, id), append(acks, m.GetAckId()), errors.Join(err, idErr)
		}
		if _, ackErr := b.fake.GServer.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: consumer, AckIds: acks}); err != nil || ackErr != nil {
			return nil, errors.Join(err, ackErr)
		}
	}
}

// made returns the subscriptions that finders have made.
func (b *broker) made(ctx context.Context) ([]string, error) {
	all, err := b.fake.GServer.ListSubscriptions(ctx, &pubsubpb.ListSubscriptionsRequest{Project: "projects/plant-7"})
	var names []string
	for _, s := range all.GetSubscriptions() {
		if strings.Contains(s.GetName(), find.Prefix) {
			names = append(names, s.GetName())
		}
	}
	return names, err
}
