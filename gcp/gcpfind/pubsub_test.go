package gcpfind_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/dt-functions/dt-functions/gcp/gcpfind"
	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

const sinkURL = "gcp-pubsub://" + topicName

func open(c pubsub.Config, rawURL string) (find.Finder, error) {
	return find.Drivers{pubsub.Scheme: gcpfind.PubSub(c)}.Open(rawURL)
}

func (b *broker) publish(ctx context.Context, m sink.Message) error {
	s, err := sink.Drivers{pubsub.Scheme: pubsub.Opener(b.Config())}.Open(ctx, []string{sinkURL})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Publish(ctx, []sink.Message{m})
	return err
}

// refusing is the finder of a broker that answers each request with an error.
func refusing(code codes.Code, detail, says string) findtest.Refusal {
	return findtest.Refusal{Open: func(t *testing.T) (find.Finder, error) {
		b := newBroker(t)
		b.fault = func(string, string) error { return status.Error(code, detail) }
		return open(b.Config(), sinkURL)
	}, Says: says}
}

func TestConformance(t *testing.T) {
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			b := newBroker(t)
			return findtest.Backend{
				Open:       func() (find.Finder, error) { return open(b.Config(), sinkURL) },
				OpenAbsent: func() (find.Finder, error) { return open(b.Config(), "gcp-pubsub://projects/plant-7/topics/absent") },
				Publish:    b.publish, Left: b.left, Made: b.made,
			}
		},
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"no permission": refusing(codes.PermissionDenied, "because", "roles/pubsub.editor"),
			"not logged in": refusing(codes.Unauthenticated, "because", "log in anew"),
			// Which of the two it is, only who has access knows.
			"no such project, or no access": refusing(codes.NotFound, "Requested project not found or user does not have access to it (project=plant-7).", "not have access"),
			"credentials in the URL": {Open: func(t *testing.T) (find.Finder, error) {
				return open(newBroker(t).Config(), "gcp-pubsub://u:marked@projects/p/topics/abc")
			}, Says: "credentials are not part of the URL"},
			"no topic in the URL": {Open: func(t *testing.T) (find.Finder, error) {
				return open(newBroker(t).Config(), "gcp-pubsub://projects/p")
			}, Says: "the sink's URL names no topic"},
		},
		Secrets: []string{"marked"},
	})
}

// Whose answer to the making of a subscription gets lost makes the same one again, and
// removes it.
func TestAnswerLost(t *testing.T) {
	b := newBroker(t)
	puts := 0
	b.fault = func(method, _ string) error {
		if method != http.MethodPut {
			return nil
		}
		puts++
		return nil
	}
	c := b.Config()
	c.Client = &http.Client{Transport: &losing{next: c.Client.Transport}}
	f, err := open(c, sinkURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil || puts != 2 {
		t.Errorf("%v after %d attempts", err, puts)
	}
	if names, err := b.made(t.Context()); err != nil || len(names) != 1 {
		t.Errorf("made %v, %v", names, err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if names, err := b.made(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("left behind %v, %v", names, err)
	}
}

// losing loses the first answer.
type losing struct {
	next http.RoundTripper
	lost bool
}

func (l *losing) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.next.RoundTrip(r)
	if err == nil && !l.lost {
		l.lost = true
		return nil, errors.Join(errors.New("lost"), answer.Body.Close())
	}
	return answer, err
}

// A subscription that cannot be removed is named, so that it can be by hand.
func TestCannotBeRemoved(t *testing.T) {
	b := newBroker(t)
	f, err := open(b.Config(), sinkURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.fault = func(string, string) error { return status.Error(codes.PermissionDenied, "because") }
	if err := f.Close(t.Context()); err == nil || !strings.Contains(err.Error(), find.Prefix) {
		t.Errorf("got %v", err)
	}
}

// Without an emulator Google is asked, with the token, and without one the remedy that
// the tokens' source gives is passed on.
func TestTokens(t *testing.T) {
	var got string
	c := pubsub.Config{Tokens: tokens{text: "ya29.marked"}, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		got = r.Method + " " + r.URL.Host + " " + r.Header.Get("Authorization")
		return nil, errors.New("offline")
	})}}
	f, err := open(c, sinkURL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := f.Prepare(ctx); err == nil || strings.Contains(err.Error(), "marked") || got != "PUT pubsub.googleapis.com Bearer ya29.marked" {
		t.Errorf("%v, sent %s", err, got)
	}
	c.Tokens = tokens{err: errors.New("log in first")}
	if f, err = open(c, sinkURL); err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "log in first") {
		t.Errorf("got %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Errorf("nothing was made, but %v", err)
	}
}

type tokens struct {
	text string
	err  error
}

func (tokens) Usable() error                                { return nil }
func (s tokens) Token(context.Context) (secret.Text, error) { return secret.New(s.text), s.err }

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
