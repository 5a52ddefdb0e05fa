package awsfind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// own is a queue that a finder has made, for events to be delivered to.
type own struct {
	client *awsapi.Client
	queue
	arn string
}

// make makes the queue, which takes messages of one source that a service sends.
func (o *own) make(ctx context.Context, region, service, source string, fifo bool) error {
	sqs, err := o.client.Service("sqs", region, "")
	if err != nil {
		return err
	}
	name := find.NewName()
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"Service": service}, "Action": "sqs:SendMessage", "Resource": "*",
		"Condition": map[string]any{"ArnEquals": map[string]string{"aws:SourceArn": source}},
	}}})
	if err != nil {
		return err
	}
	// Should it be left behind, then with nothing in it for long.
	attributes := map[string]string{"Policy": string(policy), "MessageRetentionPeriod": "300"}
	if fifo {
		name += ".fifo"
		attributes["FifoQueue"], attributes["ContentBasedDeduplication"] = "true", "true"
	}
	var made struct{ QueueURL string }
	if err := sqs.JSON(ctx, queues+"CreateQueue", queuesJSON, map[string]any{"QueueName": name, "Attributes": attributes}, &made); err != nil {
		if _, ok := errors.AsType[*awsapi.Error](err); !ok && !errors.Is(err, awsapi.ErrNoCredentials) {
			return fmt.Errorf("%w; it may be that the queue %s is made: remove it by hand", err, name)
		}
		return explain(err, "sqs:CreateQueue")
	}
	o.queue = queue{service: sqs, url: made.QueueURL}
	var got struct{ Attributes map[string]string }
	if err := o.call(ctx, "GetQueueAttributes", map[string]any{"AttributeNames": []string{"QueueArn"}}, &got); err != nil {
		return explain(err, "sqs:GetQueueAttributes")
	}
	if o.arn = got.Attributes["QueueArn"]; o.arn == "" {
		return errors.New("sqs GetQueueAttributes: the answer has no ARN")
	}
	return nil
}

// Find takes all that comes, since it is nobody else's.
func (o *own) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, 100*time.Millisecond, func(ctx context.Context) (bool, error) {
		for {
			all, err := o.receive(ctx)
			if err != nil || len(all) == 0 {
				return false, err
			}
			for _, m := range all {
				if m.has(id) {
					return true, nil
				}
				if err := o.remove(ctx, m); err != nil {
					return false, err
				}
			}
		}
	})
	return explain(err, "sqs:ReceiveMessage and sqs:DeleteMessage")
}

// Close removes the queue.
func (o *own) Close(ctx context.Context) error {
	if o.url == "" {
		return nil
	}
	return explain(o.call(ctx, "DeleteQueue", map[string]any{}, nil), "sqs:DeleteQueue, to remove the queue "+o.url[strings.LastIndex(o.url, "/")+1:])
}
