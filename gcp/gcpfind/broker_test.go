package gcpfind_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dt-functions/dt-functions/gcp/pubsub/pubsubtest"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

const (
	topicName = "projects/plant-7/topics/sensor.events"
	// consumer is a subscription that is there before any finder.
	consumer = "projects/plant-7/subscriptions/consumer"
)

// A broker is Pub/Sub with the topic and its consumer.
type broker struct {
	*pubsubtest.Server
	// fault, unless nil, answers instead of the broker when it returns an error.
	fault func(method, path string) error
}

// newBroker returns a broker, and has t stop it.
func newBroker(t *testing.T) *broker {
	t.Helper()
	b := &broker{Server: pubsubtest.Start(t, topicName)}
	if _, err := b.Fake.GServer.CreateSubscription(t.Context(), &pubsubpb.Subscription{Name: consumer, Topic: topicName, AckDeadlineSeconds: 10}); err != nil {
		t.Fatal(err)
	}
	b.Before = func(r *http.Request, _ []byte) error {
		if b.fault == nil {
			return nil
		}
		return b.fault(r.Method, r.URL.Path)
	}
	return b
}

// left returns the ids of what the consumer gets.
func (b *broker) left(ctx context.Context) ([]string, error) {
	var ids []string
	for {
		request := &pubsubpb.PullRequest{}
		if err := protojson.Unmarshal([]byte(`{"subscription":"`+consumer+`","maxMessages":100,"returnImmediately":true}`), request); err != nil {
			return nil, err
		}
		got, err := b.Fake.GServer.Pull(ctx, request)
		if err != nil || len(got.GetReceivedMessages()) == 0 {
			return ids, err
		}
		var acks []string
		for _, m := range got.GetReceivedMessages() {
			id, idErr := findtest.ID(m.GetMessage().GetData())
			ids, acks, err = append(ids, id), append(acks, m.GetAckId()), errors.Join(err, idErr)
		}
		if _, ackErr := b.Fake.GServer.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: consumer, AckIds: acks}); err != nil || ackErr != nil {
			return nil, errors.Join(err, ackErr)
		}
	}
}

// made returns the subscriptions that finders have made.
func (b *broker) made(ctx context.Context) ([]string, error) {
	all, err := b.Fake.GServer.ListSubscriptions(ctx, &pubsubpb.ListSubscriptionsRequest{Project: "projects/plant-7"})
	var names []string
	for _, s := range all.GetSubscriptions() {
		if strings.Contains(s.GetName(), find.Prefix) {
			names = append(names, s.GetName())
		}
	}
	return names, err
}
