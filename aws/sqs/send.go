package sqs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/text"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// An entry is SQS's SendMessageBatchRequestEntry.
type entry struct {
	ID              string               `json:"Id"`
	Body            string               `json:"MessageBody"`
	Attributes      map[string]attribute `json:"MessageAttributes,omitempty"`
	GroupID         string               `json:"MessageGroupId,omitempty"`
	DeduplicationID string               `json:"MessageDeduplicationId,omitempty"`
}

type attribute struct {
	DataType    string
	StringValue string
}

type request struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []entry
}

type answer struct {
	Successful []struct {
		ID string `json:"Id"`
	}
	Failed []struct {
		ID          string `json:"Id"`
		Code        string
		Message     string
		SenderFault bool
	}
}

func (q *queue) prepare(m *sink.Message) (entry, int, error) {
	t := text.New(m)
	size := t.Size()
	if len(m.Data) > MaxData || size > maxRequest {
		return entry{}, 0, fmt.Errorf("%w: %d bytes of data, SQS takes %d of this kind", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	e := entry{Body: t.Body, Attributes: make(map[string]attribute, len(t.Attributes))}
	for _, a := range t.Attributes {
		e.Attributes[a.Name] = attribute{DataType: "String", StringValue: a.Value}
	}
	if q.fifo {
		e.GroupID, e.DeduplicationID = t.Group, t.Deduplication
	}
	return e, size, nil
}

// send calls SendMessageBatch (SQS API Reference).
func (q *queue) send(ctx context.Context, entries []entry) ([]error, error) {
	for i := range entries {
		entries[i].ID = strconv.Itoa(i)
	}
	var a answer
	if err := q.service.JSON(ctx, "AmazonSQS.SendMessageBatch", "1.0", request{q.url, entries}, &a); err != nil {
		return nil, classify(err)
	}
	errs := make([]error, len(entries))
	for i := range errs {
		errs[i] = errors.New("sqs SendMessageBatch: the answer does not tell what became of the message")
	}
	for _, s := range a.Successful {
		if i, err := strconv.Atoi(s.ID); err == nil && i >= 0 && i < len(errs) {
			errs[i] = nil
		}
	}
	for _, f := range a.Failed {
		if i, err := strconv.Atoi(f.ID); err == nil && i >= 0 && i < len(errs) {
			errs[i] = classify(awsapi.EntryError("sqs", "SendMessageBatch", f.Code, f.Message, f.SenderFault))
		}
	}
	return errs, nil
}

// classify adds what err means to the bundle.
func classify(err error) error {
	var e *awsapi.Error
	if errors.As(err, &e) && tooLarge(e) {
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	}
	return err
}

// tooLarge reports whether SQS refused a message for its size: the queue may be set to
// less than SQS takes. Its code is the one for all that is wrong with a parameter.
func tooLarge(e *awsapi.Error) bool {
	return e.Code == "InvalidParameterValue" && strings.Contains(e.Message, "must be shorter than") ||
		e.Code == "BatchRequestTooLong"
}
