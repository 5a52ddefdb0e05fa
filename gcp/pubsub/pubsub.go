// Package pubsub is the sink for Pub/Sub topics, by the REST API: each event is a
// message. The gRPC client would be larger than all the rest of the program.
//
// The device's id is the message's ordering key: subscriptions with message ordering
// get each device's events in order. The event's attributes are the message's, with
// its id as eventId and the device's as deviceId, so that subscriptions can filter by
// them, and consumers know what they have had already.
package pubsub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/gcp/rest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// Scheme is that of the sink's URLs: gcp-pubsub://projects/P/topics/T
	Scheme = "gcp-pubsub"
	// EmulatorVariable is the name of the variable that Config.Emulator is from.
	EmulatorVariable = "PUBSUB_EMULATOR_HOST"
	// MaxData is the longest event, in bytes, that can be a message ("Pub/Sub quotas
	// and limits"). The rest of the message must be within it too.
	MaxData = maxRequest

	service = "https://pubsub.googleapis.com"
	// batchBytes is how much data is sent in one request, in bytes: in base64, and
	// with attributes, it is less than maxRequest.
	batchBytes = 6_000_000
)

// Config says how topics are reached.
type Config struct {
	// Emulator is the emulator's host:port (PUBSUB_EMULATOR_HOST); "" for none.
	Emulator string
	// Tokens are the service account's. Required without an emulator.
	Tokens rest.TokenSource
	// Client sends the requests. Required.
	Client *http.Client
}

// Opener returns what opens such sinks, reached as c says.
func Opener(c Config) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		t, err := parseTopic(u)
		if err != nil {
			return nil, err
		}
		t.client, err = rest.NewClient(rest.Endpoint{
			Service: service, Emulator: c.Emulator, Variable: EmulatorVariable, Tokens: c.Tokens, Client: c.Client,
		})
		if err != nil {
			return nil, err
		}
		return sink.NewBatcher(t.flush, sink.Limits{Messages: maxMessages, Bytes: batchBytes}), nil
	}
}

type topic struct {
	project, name string
	client        *rest.Client
}

// String returns the topic's name as Google Cloud writes it.
func (t *topic) String() string { return "projects/" + t.project + "/topics/" + t.name }

// flush stores msgs, in order. It cannot tell duplicates: sent twice, after an answer
// that got lost, a message is there twice.
func (t *topic) flush(ctx context.Context, msgs []sink.Message) ([]bool, error) {
	requests, err := t.requests(msgs)
	if err != nil {
		return nil, fmt.Errorf("Pub/Sub topic %s: %w", t, err)
	}
	for _, r := range requests {
		if err := t.publish(ctx, r); err != nil {
			return nil, fmt.Errorf("Pub/Sub topic %s: %w", t, err)
		}
	}
	return nil, nil
}

// publish sends one request (projects.topics.publish).
func (t *topic) publish(ctx context.Context, r request) error {
	answer, err := t.client.Do(ctx, rest.Request{
		Method:      http.MethodPost,
		URL:         t.client.URL(nil, "v1", "projects", t.project, "topics", t.name+":publish"),
		ContentType: "application/json",
		Body:        r.body(),
	})
	if err != nil {
		return explain(err, len(r.messages))
	}
	var stored struct {
		MessageIDs []string `json:"messageIds"`
	}
	if err := json.Unmarshal(answer.Body, &stored); err != nil || len(stored.MessageIDs) != len(r.messages) {
		return fmt.Errorf("the answer has no id for each of %d messages, so it is not Pub/Sub's", len(r.messages))
	}
	return nil
}

// explain returns err, of a request with that many messages, with what to do about it.
func explain(err error, messages int) error {
	answer, ok := errors.AsType[*rest.Error](err)
	if !ok {
		return err
	}
	switch answer.Status {
	case http.StatusRequestEntityTooLarge, http.StatusBadRequest:
		if messages == 1 && isTooLarge(answer) {
			return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
		}
	case http.StatusForbidden:
		return fmt.Errorf("%w; give the function's service account the role roles/pubsub.publisher on the topic (a new role takes some minutes), and enable the Pub/Sub API", err)
	case http.StatusUnauthorized:
		return fmt.Errorf("%w; run the function as a service account that is enabled and has the role roles/pubsub.publisher on the topic", err)
	case http.StatusNotFound:
		return fmt.Errorf("%w; make the topic, or correct its name", err)
	case http.StatusTooManyRequests:
		return fmt.Errorf("%w; if it lasts, raise the quota of publisher throughput", err)
	}
	return err
}

// isTooLarge reports whether an answer says that a request is too large. Its code is
// that of all bad requests; its texts are "The value for message_size is too large" or
// "Request payload size exceeds the limit".
func isTooLarge(e *rest.Error) bool {
	return e.Status == http.StatusRequestEntityTooLarge ||
		strings.Contains(e.Detail, "too large") || strings.Contains(e.Detail, "size exceeds")
}
