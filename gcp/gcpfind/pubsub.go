// Package gcpfind looks for an event behind Google Cloud's sinks: behind a Pub/Sub
// topic by a subscription of its own that is removed afterwards.
package gcpfind

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/gcp/rest"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const service = "https://pubsub.googleapis.com"

// PubSub returns what opens the finders of topics, reached as c says.
func PubSub(c pubsub.Config) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		project, topic, err := pubsub.ParseTopic(u)
		if err != nil {
			return nil, fmt.Errorf("the sink's URL %w", err)
		}
		client, err := rest.NewClient(rest.Endpoint{
			Service: service, Emulator: c.Emulator, Variable: pubsub.EmulatorVariable, Tokens: c.Tokens, Client: c.Client,
		})
		if err != nil {
			return nil, err
		}
		s := &subscription{client: client, project: project, topic: topic}
		if c.Emulator == "" {
			s.tokens = c.Tokens
		}
		return s, nil
	}
}

// A subscription is one of this finder alone.
type subscription struct {
	client         *rest.Client
	tokens         rest.TokenSource // nil for an emulator
	project, topic string
	name           string // "" before it is made
}

// call calls a method of a subscription's.
func (s *subscription) call(ctx context.Context, method, verb string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	answer, err := s.client.Do(ctx, rest.Request{
		Method: method, URL: s.client.URL(nil, "v1", "projects", s.project, "subscriptions", s.name+verb),
		ContentType: "application/json", Body: body,
	})
	if err != nil {
		return explain(err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer.Body, out)
}

// explain returns err with what to do about it.
func explain(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && answer.Status == http.StatusForbidden:
		return fmt.Errorf("%w; it takes the role roles/pubsub.editor in the topic's project", err)
	case ok && answer.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w; log in anew: the access token is wrong or over", err)
	}
	return err
}

// Prepare makes the subscription, which gets all that is published from then on. Should
// it be left behind, Pub/Sub removes it after a day.
func (s *subscription) Prepare(ctx context.Context) error {
	if s.tokens != nil { // without a token nothing is made, so that nothing is to be removed
		if _, err := s.tokens.Token(ctx); err != nil {
			return err
		}
	}
	s.name = find.NewName()
	err := s.call(ctx, http.MethodPut, "", map[string]any{
		"topic":                    "projects/" + s.project + "/topics/" + s.topic,
		"ackDeadlineSeconds":       10,
		"messageRetentionDuration": "600s",
		"expirationPolicy":         map[string]string{"ttl": "86400s"},
	}, nil)
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && answer.Status == http.StatusConflict:
		return nil // the name is nobody else's: an attempt before has made it
	case ok && answer.Status < http.StatusInternalServerError:
		s.name = "" // it is refused, so that nothing is to be removed
	}
	if ok && absent(answer) {
		return fmt.Errorf("%w: %w", find.ErrAbsent, err)
	}
	return err
}

// absent tells whether Pub/Sub says for certain that there is no such topic. Of a
// project it says that it is "not found or user does not have access to it".
func absent(answer *rest.Error) bool {
	return answer.Status == http.StatusNotFound && answer.Code == "NOT_FOUND" && !strings.Contains(answer.Detail, "have access")
}

// Find takes all that comes, since it is nobody else's.
func (s *subscription) Find(ctx context.Context, id string) error {
	return find.Poll(ctx, 100*time.Millisecond, func(ctx context.Context) (bool, error) {
		for {
			var got struct {
				ReceivedMessages []struct {
					AckID   string `json:"ackId"`
					Message struct {
						Data       []byte            `json:"data"`
						Attributes map[string]string `json:"attributes"`
					} `json:"message"`
				} `json:"receivedMessages"`
			}
			const few = 100
			// What waits for messages would be cut off by the client, and what it then
			// brings be lost for some seconds.
			err := s.call(ctx, http.MethodPost, ":pull", map[string]any{"maxMessages": few, "returnImmediately": true}, &got)
			if err != nil || len(got.ReceivedMessages) == 0 {
				return false, err
			}
			var seen []string
			for _, m := range got.ReceivedMessages {
				if m.Message.Attributes["eventId"] == id || bytes.Contains(m.Message.Data, []byte(id)) {
					return true, nil
				}
				seen = append(seen, m.AckID)
			}
			if err := s.call(ctx, http.MethodPost, ":acknowledge", map[string]any{"ackIds": seen}, nil); err != nil {
				return false, err
			}
		}
	})
}

// Close removes the subscription.
func (s *subscription) Close(ctx context.Context) error {
	if s.name == "" {
		return nil
	}
	err := s.call(ctx, http.MethodDelete, "", nil, nil)
	if answer, ok := errors.AsType[*rest.Error](err); ok && answer.Status == http.StatusNotFound {
		return nil // it was never made
	}
	if err != nil {
		return fmt.Errorf("subscription %s: %w", s.name, err)
	}
	return nil
}
