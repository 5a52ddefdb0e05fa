//go:build platforms

package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/sqs"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// open opens the sink of a queue, as DT_SINK would name it.
func open(ctx context.Context, client *awsapi.Client, q *mototest.Queue) (sink.Sink, error) {
	d := sink.Drivers{sqs.Scheme: sqs.Open(client)}
	return d.Open(ctx, []string{fmt.Sprintf("aws-sqs://sqs.%s.amazonaws.com/%s/%s", mototest.Region, mototest.Account, q.Name)})
}

func TestConformance(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("queue"+suffix, func(t *testing.T) {
			server := mototest.Start(t)
			var queues atomic.Int64
			sinktest.Run(t, sinktest.Harness{
				KeepsID: true, KeepsKey: true, KeepsAttributes: true, MaxData: sqs.MaxData,
				New: func(t *testing.T) sinktest.Backend {
					q := server.NewQueue(t, fmt.Sprintf("queue-%d%s", queues.Add(1), suffix))
					return sinktest.Backend{
						Open:   func(ctx context.Context) (sink.Sink, error) { return open(ctx, server.Client, q) },
						Stored: q.Stored,
					}
				},
			})
		})
	}
}

func sinkTest(t *testing.T, server *mototest.Server, name string) mototest.SinkTest {
	t.Helper()
	q := server.NewQueue(t, name)
	return mototest.SinkTest{
		Open:   func(ctx context.Context, client *awsapi.Client) (sink.Sink, error) { return open(ctx, client, q) },
		Stored: q.Stored,
	}
}

func TestFaults(t *testing.T) {
	server := mototest.Start(t)
	mototest.RunFaults(t, server, sinkTest(t, server, "events"))
}

func TestRestart(t *testing.T) {
	server := mototest.StartDurable(t)
	mototest.RunRestart(t, server, func(name string) mototest.SinkTest { return sinkTest(t, server, name) })
}

// A queue can be set to take less than SQS does. One message that is beyond that does
// not keep the others out.
func TestQueueTakesLess(t *testing.T) {
	server := mototest.Start(t)
	q := server.NewQueue(t, "small")
	if err := q.Set(t.Context(), "MaximumMessageSize", "1024"); err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), server.Client, q)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Publish(t.Context(), []sink.Message{
		{ID: "1", Data: []byte("{}")}, {ID: "2", Data: make([]byte, 2048)}, {ID: "3", Data: []byte("{}")},
	})
	if !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if stored, err := q.Stored(t.Context()); err != nil || len(stored) != 2 {
		t.Errorf("stored %v, %v", stored, err)
	}
}

// A FIFO queue keeps the order of a device's events.
func TestOrder(t *testing.T) {
	server := mototest.Start(t)
	q := server.NewQueue(t, "ordered.fifo")
	s, err := open(t.Context(), server.Client, q)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var msgs []sink.Message
	for i := range 35 {
		msgs = append(msgs, sink.Message{ID: fmt.Sprint("event-", i), Key: "device", Data: []byte("{}")})
	}
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
	// Published again, as after an answer that was lost: SQS drops them.
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
	stored, err := q.Stored(t.Context())
	if err != nil || len(stored) != len(msgs) {
		t.Fatalf("%d stored, %v", len(stored), err)
	}
	for i, m := range stored {
		if m.ID != msgs[i].ID {
			t.Fatalf("%s at the place of %s", m.ID, msgs[i].ID)
		}
	}
}
