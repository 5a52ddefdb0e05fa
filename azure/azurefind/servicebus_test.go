package azurefind_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

// changed is the finder of an entity of a namespace that has been changed.
func changed(entity string, change func(n *namespace)) func(t *testing.T) (find.Finder, error) {
	return func(t *testing.T) (find.Finder, error) {
		n := newNamespace(t)
		change(n)
		return n.backend(entity).Open()
	}
}

func TestBusQueue(t *testing.T) {
	findtest.Run(t, findtest.Harness{
		New:     func(t *testing.T) findtest.Backend { return newNamespace(t).backend("queue") },
		Removes: true, TakenAway: true, OnlyAlone: true,
		Refusals: map[string]findtest.Refusal{
			"may only send":   {Open: changed("queue", func(n *namespace) { n.rights = []string{"Send"} }), Says: "Azure Service Bus Data Owner", Blind: true},
			"may only listen": {Open: changed("queue", func(n *namespace) { n.rights = []string{"Listen"} }), Says: "Azure Service Bus Data Owner", Blind: true},
			"may not listen": {Open: changed("queue", func(n *namespace) {
				n.rights = []string{"Manage"}
				n.queue.messages = []*message{{id: "other"}}
			}), Says: "the rights Manage and Listen", Blind: true},
			"sessions": {Open: changed("queue", func(n *namespace) { n.sessions = true }), Says: "requires sessions", Blind: true},
			"forwards": {Open: changed("queue", func(n *namespace) { n.forwardTo = "elsewhere" }), Says: "forwards its messages", Blind: true},
			"no XML": {Open: changed("queue", func(n *namespace) {
				n.fault = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "marked"); return true }
			}), Says: "cannot be read"},
			"no description": {Open: changed("queue", func(n *namespace) {
				n.fault = func(w http.ResponseWriter, _ *http.Request) bool {
					fmt.Fprint(w, "<entry><content>marked</content></entry>")
					return true
				}
			}), Says: "cannot be read"},
			"wrong URL": {Open: changed("", func(*namespace) {}), Says: "the sink's URL names no queue or topic"},
		},
		Secrets: []string{"marked"},
	})
}

func TestBusTopic(t *testing.T) {
	findtest.Run(t, findtest.Harness{
		New:         func(t *testing.T) findtest.Backend { return newNamespace(t).backend("topic") },
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"may not manage": {Open: changed("topic", func(n *namespace) { n.rights = []string{"Send", "Listen"} }), Says: "Azure Service Bus Data Owner", Blind: true},
			"may not listen": {Open: changed("topic", func(n *namespace) { n.rights = []string{"Manage"} }), Says: "the rights Manage and Listen", Blind: true},
			"may not make a subscription": {Open: changed("topic", func(n *namespace) {
				n.fault = func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != http.MethodGet {
						refuse(w, http.StatusForbidden, "40300: the quota is exceeded")
						return true
					}
					return false
				}
			}), Says: "the quota is exceeded", Blind: true},
		},
		Secrets: []string{"marked"},
	})
}

// prepared returns the finder of a namespace's entity, and what publishes to it.
func prepared(t *testing.T, n *namespace, entity string) (find.Finder, func(id string)) {
	t.Helper()
	b := n.backend(entity)
	f, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f, func(id string) {
		t.Helper()
		if err := b.Publish(t.Context(), sink.Message{ID: id, Data: fmt.Appendf(nil, `{"id":%q}`, id)}); err != nil {
			t.Fatal(err)
		}
	}
}

// look looks for an event for a while.
func look(t *testing.T, f find.Finder, id string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return f.Find(ctx, id)
}

// A message of others is locked once, and not again while it waits: each time counts as
// its delivery.
func TestForeignMessage(t *testing.T) {
	n := newNamespace(t)
	f, publish := prepared(t, n, "queue")
	publish("other")
	if err := look(t, f, "own"); !errors.Is(err, find.ErrTaken) {
		t.Errorf("got %v", err)
	}
	if m := n.queue.messages; len(m) != 1 || m[0].deliveries != 1 || m[0].lock != "" || n.locks != 1 {
		t.Errorf("%d messages, %d locks", len(m), n.locks)
	}
}

// While several wait none is locked.
func TestSeveralWait(t *testing.T) {
	n := newNamespace(t)
	f, publish := prepared(t, n, "queue")
	publish("other")
	publish("own")
	if err := look(t, f, "own"); !errors.Is(err, find.ErrBlind) || !strings.Contains(err.Error(), "2 wait") {
		t.Errorf("got %v", err)
	}
	if n.locks != 0 {
		t.Errorf("%d locks", n.locks)
	}
}

// However many others come and go, at most three are locked.
func TestFewLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNamespace(t)
		f, _ := prepared(t, n, "queue")
		described := 0
		n.fault = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet { // one message, none, another one, …
				n.queue.messages = nil
				if described++; described%2 == 1 {
					n.queue.messages = []*message{{id: fmt.Sprint("other-", described)}}
				}
			}
			return false
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := f.Find(ctx, "own"); !errors.Is(err, find.ErrTaken) {
			t.Errorf("got %v", err)
		}
		if n.locks != 3 || described < 9 {
			t.Errorf("%d locks in %d looks", n.locks, described)
		}
	})
}

// refusingUnlock lets no message be given back.
func refusingUnlock(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		refuse(w, status, "no")
		return true
	}
}

// A message that cannot be given back is said so: it is away until its lock ends.
func TestCannotGiveBack(t *testing.T) {
	n := newNamespace(t)
	f, publish := prepared(t, n, "queue")
	publish("other")
	n.fault = refusingUnlock(http.StatusForbidden)
	if err := look(t, f, "own"); err == nil || !strings.Contains(err.Error(), "could not be given back") || errors.Is(err, find.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// A lock whose answer is lost is not followed by a second one: the first cannot be given
// back before it ends.
func TestLockLost(t *testing.T) {
	n := newNamespace(t)
	f, publish := prepared(t, n, "queue")
	publish("other")
	n.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			n.locks++
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if err := look(t, f, "own"); err == nil || errors.Is(err, find.ErrNotFound) || n.locks != 1 {
		t.Errorf("%v after %d locks", err, n.locks)
	}
}

// A lock that is gone already, since its answer was lost, is no fault.
func TestLockGone(t *testing.T) {
	n := newNamespace(t)
	f, publish := prepared(t, n, "queue")
	publish("other")
	n.fault = refusingUnlock(http.StatusGone)
	if err := look(t, f, "own"); !errors.Is(err, find.ErrTaken) {
		t.Errorf("got %v", err)
	}
}

// Credentials are sent to the queue alone, wherever an answer says that a lock is.
func TestLockElsewhere(t *testing.T) {
	for _, location := range []string{"", "https://elsewhere.example/queue/messages/1/x", "https://" + namespaceHost + "/other/messages/1/x", "%zz", "/queue/messages/1/x"} {
		n := newNamespace(t)
		f, publish := prepared(t, n, "queue")
		publish("other")
		n.fault = func(w http.ResponseWriter, r *http.Request) bool {
			switch r.Method {
			case http.MethodPost:
				w.Header().Set("Location", location)
				w.WriteHeader(http.StatusCreated)
				return true
			case http.MethodPut, http.MethodDelete:
				t.Errorf("%s %s is sent", r.Method, r.URL)
			}
			return false
		}
		if err := look(t, f, "own"); err == nil || !strings.Contains(err.Error(), "does not say how the message is given back") {
			t.Errorf("%q: %v", location, err)
		}
	}
}

// Whose answer to the making of a subscription gets lost removes it none the less.
func TestSubscriptionPerhaps(t *testing.T) {
	n := newNamespace(t)
	b := n.backend("topic")
	n.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.subscriptions[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]] = &mailbox{}
			panic(http.ErrAbortHandler)
		}
		return false
	}
	f, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err == nil {
		t.Error("it is prepared")
	}
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if made, err := b.Made(t.Context()); err != nil || len(made) > 0 {
		t.Errorf("left behind: %v", made)
	}
}

// A topic's new subscription may take effect late, a queue has none.
func TestLate(t *testing.T) {
	for entity, want := range map[string]bool{"queue": false, "topic": true} {
		f, _ := prepared(t, newNamespace(t), entity)
		if late, ok := f.(find.Late); !ok || late.Late() != want {
			t.Errorf("%s: %v, want %v", entity, !want, want)
		}
		if err := f.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A key of the namespace serves as well as a token.
func TestKey(t *testing.T) {
	var got string
	c := servicebus.Config{
		ConnectionString: secret.New("Endpoint=sb://" + namespaceHost + "/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=marked"),
		Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			got = r.Header.Get("Authorization")
			return nil, errors.New("offline")
		})},
	}
	f, err := azurefind.Drivers(azurefind.Config{ServiceBus: c}).Open("azure-servicebus://" + namespaceHost + "/queue")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err == nil || strings.Contains(err.Error(), "marked") || !strings.HasPrefix(got, "SharedAccessSignature sr=https%3A%2F%2F"+namespaceHost+"%2Fqueue&") {
		t.Errorf("%v, sent %s", err, got)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
