package mototest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/text"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A Queue is one of SQS, and what has been taken out of it.
type Queue struct {
	Name, ARN, URL string
	service        *awsapi.Service
	taken          []Message
}

// A Message is one of SQS.
type Message struct {
	Body       string
	Attributes map[string]string // message attributes
	System     map[string]string // such as MessageGroupId
}

// Service returns a service of the server.
func (s *Server) Service(t *testing.T, name string) *awsapi.Service {
	t.Helper()
	service, err := s.Client.Service(name, Region, "")
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// NewQueue makes a queue; one whose name ends in .fifo is a FIFO queue.
func (s *Server) NewQueue(t *testing.T, name string) *Queue {
	t.Helper()
	q := &Queue{Name: name, ARN: fmt.Sprintf("arn:aws:sqs:%s:%s:%s", Region, Account, name), service: s.Service(t, "sqs")}
	attributes := map[string]string{}
	if strings.HasSuffix(name, ".fifo") {
		attributes["FifoQueue"] = "true"
	}
	var made struct{ QueueURL string }
	err := q.service.JSON(t.Context(), "AmazonSQS.CreateQueue", "1.0", map[string]any{"QueueName": name, "Attributes": attributes}, &made)
	if err != nil {
		t.Fatal(err)
	}
	q.URL = made.QueueURL
	return q
}

// Set sets an attribute of the queue.
func (q *Queue) Set(ctx context.Context, name, value string) error {
	return q.service.JSON(ctx, "AmazonSQS.SetQueueAttributes", "1.0",
		map[string]any{"QueueUrl": q.URL, "Attributes": map[string]string{name: value}}, nil)
}

// Taken takes all messages out of the queue and returns them and those of the calls
// before.
func (q *Queue) Taken(ctx context.Context) ([]Message, error) {
	for {
		var got struct {
			Messages []struct {
				Body, ReceiptHandle string
				Attributes          map[string]string
				MessageAttributes   map[string]struct{ StringValue string }
			}
		}
		err := q.service.JSON(ctx, "AmazonSQS.ReceiveMessage", "1.0", map[string]any{
			"QueueUrl": q.URL, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0, "VisibilityTimeout": 3600,
			"MessageAttributeNames": []string{"All"}, "AttributeNames": []string{"All"},
		}, &got)
		if err != nil || len(got.Messages) == 0 {
			return q.taken, err
		}
		var receipts []map[string]string
		for i, m := range got.Messages {
			message := Message{Body: m.Body, System: m.Attributes, Attributes: map[string]string{}}
			for name, value := range m.MessageAttributes {
				message.Attributes[name] = value.StringValue
			}
			q.taken = append(q.taken, message)
			receipts = append(receipts, map[string]string{"Id": fmt.Sprint(i), "ReceiptHandle": m.ReceiptHandle})
		}
		if !strings.HasSuffix(q.Name, ".fifo") {
			continue // they are invisible now
		}
		// The messages of a group that come after them must be let through.
		err = q.service.JSON(ctx, "AmazonSQS.DeleteMessageBatch", "1.0", map[string]any{"QueueUrl": q.URL, "Entries": receipts}, nil)
		if err != nil {
			return nil, err
		}
	}
}

// Stored returns the messages of the queue as they were published.
func (q *Queue) Stored(ctx context.Context) ([]sink.Message, error) {
	taken, err := q.Taken(ctx)
	if err != nil {
		return nil, err
	}
	stored := make([]sink.Message, len(taken))
	for i, m := range taken {
		data, err := text.Decode(m.Body, m.Attributes["dataEncoding"])
		if err != nil {
			return nil, err
		}
		stored[i] = sink.Message{
			ID: m.Attributes["eventId"], Key: m.Attributes["deviceId"], Data: data,
			Attributes: sink.Attributes{
				EventType: m.Attributes["eventType"], DeviceType: m.Attributes["deviceType"], ProjectID: m.Attributes["projectId"],
				Recovered: m.Attributes["recovered"] == "true", DeadLetter: m.Attributes["deadLetter"],
			},
		}
	}
	return stored, nil
}
