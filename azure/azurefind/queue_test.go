package azurefind_test

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

const queueURL = "azure-queue://account.queue.core.windows.net/events"

// A storageQueue is a stand-in for a Storage queue ("Put Message", "Peek Messages").
// Anything else that is asked of it fails the test: a finder only peeks.
type storageQueue struct {
	t     *testing.T
	mu    sync.Mutex
	texts []string
	peeks int
	// fault, unless nil, answers instead of the queue.
	fault http.HandlerFunc
	// peeked, unless nil, is called before each peek.
	peeked func()
}

func (q *storageQueue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	query := r.URL.Query()
	switch {
	case q.fault != nil:
		q.fault(w, r)
	case r.URL.Path != "/events/messages" || r.Header.Get("Authorization") != "Bearer marked":
		q.t.Errorf("%s %s", r.Method, r.URL)
	case r.Method == http.MethodPost:
		var m struct{ MessageText string }
		if body, err := io.ReadAll(r.Body); err != nil || xml.Unmarshal(body, &m) != nil {
			q.t.Errorf("message %s", body)
		}
		q.texts = append(q.texts, m.MessageText)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodGet && query.Get("peekonly") == "true":
		q.peeks++
		if q.peeked != nil {
			q.peeked()
		}
		n, err := strconv.Atoi(query.Get("numofmessages"))
		if err != nil || n < 1 || n > 32 {
			q.t.Errorf("peeks at %q", query.Get("numofmessages"))
		}
		fmt.Fprint(w, "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>")
		for _, text := range q.texts[:min(n, len(q.texts))] {
			fmt.Fprintf(w, "<QueueMessage><MessageId>x</MessageId><DequeueCount>0</DequeueCount><MessageText>%s</MessageText></QueueMessage>", text)
		}
		fmt.Fprint(w, "</QueueMessagesList>")
	default:
		q.t.Errorf("%s %s", r.Method, r.URL)
	}
}

func (q *storageQueue) config() storage.Config {
	return storage.Config{Tokens: tokens{}, Client: &http.Client{Transport: direct{q}}}
}

func openQueue(c storage.Config, rawURL string) (find.Finder, error) {
	return azurefind.Drivers(azurefind.Config{Storage: c}).Open(rawURL)
}

func publishTo(ctx context.Context, c storage.Config, rawURL string, m sink.Message) error {
	s, err := sink.Drivers{queue.Scheme: queue.Opener(c)}.Open(ctx, []string{rawURL})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Publish(ctx, []sink.Message{m})
	return err
}

func TestStorageQueue(t *testing.T) {
	answer := func(status int, code, body string) func(*testing.T) (find.Finder, error) {
		return func(t *testing.T) (find.Finder, error) {
			q := &storageQueue{t: t, fault: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("x-ms-error-code", code)
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			}}
			return openQueue(q.config(), queueURL)
		}
	}
	url := func(rawURL string) func(*testing.T) (find.Finder, error) {
		return func(t *testing.T) (find.Finder, error) { return openQueue((&storageQueue{t: t}).config(), rawURL) }
	}
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			q := &storageQueue{t: t}
			return findtest.Backend{
				Open:       func() (find.Finder, error) { return openQueue(q.config(), queueURL) },
				OpenAbsent: func() (find.Finder, error) { return answer(404, "QueueNotFound", "")(t) },
				Publish:    func(ctx context.Context, m sink.Message) error { return publishTo(ctx, q.config(), queueURL, m) },
				Left: func(context.Context) ([]string, error) {
					var ids []string
					for _, text := range q.texts {
						data, err := base64.StdEncoding.DecodeString(text)
						if err != nil {
							return nil, err
						}
						id, err := findtest.ID(data)
						if err != nil {
							return nil, err
						}
						ids = append(ids, id)
					}
					return ids, nil
				},
			}
		},
		TakenAway: true,
		Refusals: map[string]findtest.Refusal{
			"no permission":   {Open: answer(403, "AuthorizationPermissionMismatch", ""), Says: "Storage Queue Data Reader"},
			"not logged in":   {Open: answer(401, "InvalidAuthenticationInfo", ""), Says: "Storage Queue Data Reader"},
			"404 of a proxy":  {Open: answer(404, "", "not here"), Says: "answered 404"},
			"no XML":          {Open: answer(200, "", "marked"), Says: "cannot be read"},
			"cut off":         {Open: answer(200, "", "<QueueMessagesList><QueueMessage>marked"), Says: "cannot be read"},
			"no queue in URL": {Open: url("azure-queue://account.queue.core.windows.net/"), Says: "the sink's URL names no queue"},
			"no account":      {Open: url("azure-queue://example.com/events"), Says: "the sink's URL names no storage account"},
			"password in URL": {Open: url("azure-queue://u:marked@account.queue.core.windows.net/events"), Says: "credentials are not part of the URL"},
		},
		Secrets: []string{"marked"},
	})
}

// Behind 32 others the event is not seen. It is said so, and it is seen once consumers
// have come that far.
func TestLongQueue(t *testing.T) {
	for name, drained := range map[string]bool{"nobody consumes": false, "consumers come that far": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &storageQueue{t: t}
				for i := range 40 {
					q.texts = append(q.texts, fmt.Sprint("no base64 ", i))
				}
				f, err := openQueue(q.config(), queueURL)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Prepare(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := publishTo(t.Context(), q.config(), queueURL, sink.Message{ID: "own", Data: []byte(`{"id":"own"}`)}); err != nil {
					t.Fatal(err)
				}
				if drained {
					q.peeked = func() { q.texts = q.texts[min(5, len(q.texts)-1):] }
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err = f.Find(ctx, "own")
				if drained && err != nil || !drained && (!errors.Is(err, find.ErrBlind) || !strings.Contains(err.Error(), "32 messages")) {
					t.Errorf("got %v after %d peeks", err, q.peeks)
				}
			})
		})
	}
}
