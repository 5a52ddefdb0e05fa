package eventbridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// An entry is EventBridge's PutEventsRequestEntry.
type entry struct {
	Source       string
	DetailType   string
	Detail       string
	EventBusName string
}

type request struct{ Entries []entry }

type answer struct {
	Entries []struct{ EventID, ErrorCode, ErrorMessage string }
}

// deadLetterType is the detail-type of what has no event type.
const deadLetterType = "undecodable"

func (b *bus) prepare(m *sink.Message) (entry, int, error) {
	e := entry{Source: b.source, DetailType: detailType(m), EventBusName: b.name}
	detail, err := detail(m)
	if err != nil {
		return entry{}, 0, err
	}
	e.Detail = detail
	size := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if len(m.Data) > MaxData || size > maxRequest {
		return entry{}, 0, fmt.Errorf("%w: %d bytes of data, EventBridge takes %d of this kind", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	return e, size, nil
}

func detailType(m *sink.Message) string {
	const longest = 128 // EventBridge's limit
	t := strings.ToValidUTF8(m.Attributes.EventType, "")
	if t == "" {
		t = deadLetterType
	}
	if len(t) > longest {
		t = strings.ToValidUTF8(t[:longest], "")
	}
	return t
}

// detail returns the data as a JSON object.
func detail(m *sink.Message) (string, error) {
	if isObject(m.Data) && !isUnmarked(m) {
		return string(m.Data), nil
	}
	wrapped := struct {
		ID         string            `json:"id"`
		Key        string            `json:"key"`
		Attributes map[string]string `json:"attributes"`
		Data       []byte            `json:"data_base64"`
	}{m.ID, m.Key, map[string]string{}, m.Data}
	if wrapped.Data == nil {
		wrapped.Data = []byte{}
	}
	m.Attributes.Each(func(name, value string) { wrapped.Attributes[name] = value })
	text, err := json.Marshal(wrapped)
	if err != nil {
		return "", fmt.Errorf("eventbridge: %w", err)
	}
	return string(text), nil
}

// isObject reports whether data is a JSON object with no name twice, which would lose
// one of its values on the way.
func isObject(data []byte) bool {
	v := jsontext.Value(data)
	return v.IsValid() && v.Kind() == '{'
}

// isUnmarked reports whether m is a dead letter that does not say so in its data, as a
// CloudEvent does.
func isUnmarked(m *sink.Message) bool {
	return m.Attributes.DeadLetter != "" && !bytes.HasPrefix(m.Data, []byte(`{"specversion":`))
}

// send calls PutEvents (EventBridge API Reference).
func (b *bus) send(ctx context.Context, entries []entry) ([]error, error) {
	var a answer
	if err := b.service.JSON(ctx, "AWSEvents.PutEvents", "1.1", request{entries}, &a); err != nil {
		return nil, classify(err)
	}
	if len(a.Entries) != len(entries) {
		return nil, fmt.Errorf("events PutEvents: the answer tells of %d events, but %d were sent", len(a.Entries), len(entries))
	}
	errs := make([]error, len(entries))
	for i, e := range a.Entries {
		switch {
		case e.ErrorCode != "":
			// Of the documented ones, these are not AWS's fault (PutEventsResultEntry).
			own := e.ErrorCode == "MalformedDetail" || e.ErrorCode == "InvalidArgument" || e.ErrorCode == "NotAuthorizedForSourceException"
			errs[i] = classify(awsapi.EntryError("events", "PutEvents", e.ErrorCode, e.ErrorMessage, own))
		case e.EventID == "":
			errs[i] = errors.New("events PutEvents: the answer does not tell what became of the event")
		}
	}
	return errs, nil
}

// classify adds what err means to the bundle.
func classify(err error) error {
	var e *awsapi.Error
	if errors.As(err, &e) && strings.HasPrefix(e.Code, "Validation") && strings.Contains(e.Message, "size") {
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	}
	return err
}
