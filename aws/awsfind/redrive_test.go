//go:build platforms

package awsfind_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// A queue that puts messages aside when they have been received some times must not do
// that because of who only looks.
func TestRedrive(t *testing.T) {
	server := mototest.Start(t)
	event := func(id string) sink.Message { return sink.Message{ID: id, Data: fmt.Appendf(nil, `{"id":%q}`, id)} }
	tests := map[string]struct {
		most     int  // deliveries
		blind    bool // it says so before an event is sent
		received int  // how often others' message has been received before
	}{
		"often":             {10, false, 0},
		"twice":             {2, false, 0},
		"once":              {1, true, 0},
		"almost at its end": {4, false, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			aside := server.NewQueue(t, fmt.Sprintf("aside-%d-%d", test.most, test.received))
			q := server.NewQueue(t, fmt.Sprintf("events-%d-%d", test.most, test.received))
			// Consumers set the number as a text, and SQS takes both.
			policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, aside.ARN, test.most)
			if err := q.Set(t.Context(), "RedrivePolicy", policy); err != nil {
				t.Fatal(err)
			}
			b := backend(server, queueURL(q.Name), queueURL("absent"))
			if err := b.Publish(t.Context(), event("other")); err != nil {
				t.Fatal(err)
			}
			for range test.received {
				receive(t, server, q)
			}
			f, err := b.Open()
			if err != nil {
				t.Fatal(err)
			}
			err = f.Prepare(t.Context())
			if errors.Is(err, find.ErrBlind) != test.blind {
				t.Fatalf("prepare: %v", err)
			}
			if err == nil {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				if err := f.Find(ctx, "own"); !errors.Is(err, find.ErrBlind) {
					t.Errorf("find: %v", err)
				}
			}
			// A consumer gets it still, and nothing is aside.
			if left, err := left(q)(t.Context()); err != nil || len(left) != 1 {
				t.Errorf("left %v, %v", left, err)
			}
			if left, err := left(aside)(t.Context()); err != nil || len(left) != 0 {
				t.Errorf("put aside %v, %v", left, err)
			}
		})
	}
}

// receive receives a message and gives it back, as a consumer that fails does.
func receive(t *testing.T, server *mototest.Server, q *mototest.Queue) {
	t.Helper()
	err := server.Service(t, "sqs").JSON(t.Context(), "AmazonSQS.ReceiveMessage", "1.0",
		map[string]any{"QueueUrl": q.URL, "MaxNumberOfMessages": 1, "VisibilityTimeout": 0}, nil)
	if err != nil {
		t.Fatal(err)
	}
}
