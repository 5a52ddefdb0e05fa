package awsfind

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const (
	// maxLooks is how often a message of others is received at most where that is
	// counted.
	maxLooks = 3
	// receiving is how long a call may take that takes messages or gives them back. It
	// is not broken off: what it has taken would be away from consumers.
	receiving = 5 * time.Second
	// visibility is how long a received message stays away from consumers if this
	// program ends before it has given it back, in seconds.
	visibility = 5
)

// Prepare reads how often a message may be received before the queue puts it aside.
func (q *queue) Prepare(ctx context.Context) error {
	var got struct{ Attributes map[string]string }
	err := q.call(ctx, "GetQueueAttributes", map[string]any{"AttributeNames": []string{"RedrivePolicy"}}, &got)
	if err != nil {
		return explainSink(err, "sqs:GetQueueAttributes")
	}
	// SQS writes the number as one, those who set it also as a text.
	var policy struct {
		MaxReceiveCount any `json:"maxReceiveCount"`
	}
	q.looks, q.deliveries = math.MaxInt, math.MaxInt
	if text := got.Attributes["RedrivePolicy"]; text != "" {
		if err := json.Unmarshal([]byte(text), &policy); err != nil {
			return fmt.Errorf("%w: its redrive policy cannot be read", find.ErrBlind)
		}
		count, err := strconv.Atoi(fmt.Sprint(policy.MaxReceiveCount))
		if err != nil || count < 2 {
			return fmt.Errorf("%w: its redrive policy puts a message aside when it has been received once", find.ErrBlind)
		}
		q.looks, q.deliveries = min(maxLooks, count-1), count
	}
	return nil
}

// A message is one of SQS.
type message struct {
	MessageID         string
	Body              string
	ReceiptHandle     string
	Attributes        struct{ ApproximateReceiveCount string }
	MessageAttributes map[string]struct{ StringValue string }
}

func (m *message) has(id string) bool {
	return m.MessageAttributes["eventId"].StringValue == id || strings.Contains(m.Body, id)
}

// Find receives a few messages at a time, gives back those of others at once and
// deletes the one that is looked for.
func (q *queue) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, 200*time.Millisecond, func(ctx context.Context) (bool, error) { return q.look(ctx, id) })
	if err == find.ErrNotFound {
		return find.ErrTaken
	}
	return explainSink(err, "sqs:ReceiveMessage, sqs:ChangeMessageVisibility and sqs:DeleteMessage")
}

func (q *queue) look(ctx context.Context, id string) (found bool, err error) {
	all, err := q.receive(ctx)
	if err != nil {
		return false, err
	}
	var others []map[string]any
	worn := false
	for i, m := range all {
		if m.has(id) {
			found = true
			// What is not deleted is seen by consumers, who know it by its label.
			_ = q.remove(ctx, m)
			continue
		}
		q.seen[m.MessageID]++
		// One that consumers have failed with before keeps a delivery for them. Only of
		// its very last one it cannot be known before.
		received, _ := strconv.Atoi(m.Attributes.ApproximateReceiveCount)
		worn = worn || q.seen[m.MessageID] >= q.looks || received >= q.deliveries-1
		others = append(others, map[string]any{"Id": strconv.Itoa(i), "ReceiptHandle": m.ReceiptHandle, "VisibilityTimeout": 0})
	}
	if len(others) > 0 {
		// Without it they are back after a few seconds.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiving)
		_ = q.call(ctx, "ChangeMessageVisibilityBatch", map[string]any{"Entries": others}, nil)
		cancel()
	}
	if worn && !found {
		return false, fmt.Errorf("%w further: messages wait in the queue, and each look counts towards its redrive policy", find.ErrBlind)
	}
	return found, nil
}

func (q *queue) receive(ctx context.Context) ([]message, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiving)
	defer cancel()
	var got struct{ Messages []message }
	err := q.call(ctx, "ReceiveMessage", map[string]any{
		"MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": visibility,
		"MessageAttributeNames": []string{"eventId"}, "AttributeNames": []string{"ApproximateReceiveCount"},
	}, &got)
	return got.Messages, err
}

func (q *queue) remove(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiving)
	defer cancel()
	return q.call(ctx, "DeleteMessage", map[string]any{"ReceiptHandle": m.ReceiptHandle}, nil)
}

func (q *queue) Close(context.Context) error { return nil }
