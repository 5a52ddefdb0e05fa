package azurefind_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

const namespaceHost = "ns.servicebus.windows.net"

// A namespace is a stand-in for a Service Bus namespace with the queue "queue" and the
// topic "topic", as far as its REST documentation ("Peek-Lock Message", "Receive and
// Delete Message", "Unlock Message", "Delete Message", "Get Entity") says what it does.
type namespace struct {
	// rights are what its token gives: "Send", "Listen", "Manage".
	rights []string
	// What the queue's description says.
	sessions  bool
	forwardTo string
	// most is how often a message is delivered before it is dead.
	most int
	// fault, unless nil, answers instead of the namespace when it returns true.
	fault func(w http.ResponseWriter, r *http.Request) bool

	mu            sync.Mutex
	queue         mailbox
	subscriptions map[string]*mailbox // of the topic
	locks         int
}

// A mailbox is a queue or a subscription.
type mailbox struct{ messages, dead []*message }

type message struct {
	id         string
	data       []byte
	deliveries int
	lock       string // "" while it is not locked
}

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	return &namespace{rights: []string{"Send", "Listen", "Manage"}, most: 10, subscriptions: map[string]*mailbox{"consumer": {}}}
}

// config reaches the namespace.
func (n *namespace) config() servicebus.Config {
	return servicebus.Config{Tokens: tokens{}, Client: &http.Client{Transport: direct{n}}}
}

// direct hands requests to a handler without a network between, so that it can be in a
// bubble of synctest.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		if recover() == http.ErrAbortHandler {
			err = io.ErrUnexpectedEOF
		}
	}()
	if r = r.Clone(r.Context()); r.Body == nil {
		r.Body = http.NoBody
	}
	r.Host = r.URL.Host
	for name, values := range r.Header { // as a server reads them
		delete(r.Header, name)
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

type tokens struct{}

func (tokens) Token(context.Context, string) (secret.Text, error) { return secret.New("marked"), nil }

// backend is the queue or the topic.
func (n *namespace) backend(entity string) findtest.Backend {
	address := "azure-servicebus://" + namespaceHost + "/"
	rawURL := address + entity
	open := func(rawURL string) func() (find.Finder, error) {
		return func() (find.Finder, error) {
			return azurefind.Drivers(azurefind.Config{ServiceBus: n.config()}).Open(rawURL)
		}
	}
	return findtest.Backend{
		Open: open(rawURL), OpenAbsent: open(address + "absent"),
		Publish: func(ctx context.Context, m sink.Message) error {
			s, err := sink.Drivers{servicebus.Scheme: servicebus.Opener(n.config())}.Open(ctx, []string{rawURL})
			if err != nil {
				return err
			}
			defer s.Close()
			_, err = s.Publish(ctx, []sink.Message{m})
			return err
		},
		Left: func(context.Context) ([]string, error) { return n.left(entity), nil },
		Made: func(context.Context) ([]string, error) {
			n.mu.Lock()
			defer n.mu.Unlock()
			var names []string
			for name := range n.subscriptions {
				if name != "consumer" {
					names = append(names, name)
				}
			}
			return names, nil
		},
	}
}

// left returns the ids of what a consumer can receive now.
func (n *namespace) left(entity string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	box := &n.queue
	if entity == "topic" {
		box = n.subscriptions["consumer"]
	}
	var ids []string
	for _, m := range box.messages {
		if m.lock == "" {
			ids = append(ids, m.id)
		}
	}
	return ids
}

func (n *namespace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n.fault != nil && n.fault(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	may := func(right string) bool {
		if r.Header.Get("Authorization") == "Bearer marked" && slices.Contains(n.rights, right) {
			return true
		}
		refuse(w, http.StatusUnauthorized, "40100: Unauthorized : Unauthorized access for '"+right+"' operation")
		return false
	}
	switch {
	case r.URL.Query().Get("api-version") == "2017-04":
		if may("Manage") {
			n.manage(w, r, path, body)
		}
	case r.Method == http.MethodPost && len(path) == 2 && path[1] == "messages":
		if may("Send") {
			n.send(w, r, path[0], body)
		}
	default:
		if may("Listen") {
			n.receive(w, r, path)
		}
	}
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%d</Code><Detail>%s. TrackingId:0</Detail></Error>", status, detail)
}

func (n *namespace) send(w http.ResponseWriter, r *http.Request, entity string, body []byte) {
	var broker struct{ MessageId string }
	if err := json.Unmarshal([]byte(r.Header.Get("BrokerProperties")), &broker); err != nil {
		refuse(w, http.StatusBadRequest, "BrokerProperties")
		return
	}
	switch entity {
	case "queue":
		n.queue.messages = append(n.queue.messages, &message{id: broker.MessageId, data: body})
	case "topic":
		for _, s := range n.subscriptions {
			s.messages = append(s.messages, &message{id: broker.MessageId, data: body})
		}
	default:
		refuse(w, http.StatusNotFound, "40400: Endpoint not found")
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// manage describes entities, and makes and removes subscriptions.
func (n *namespace) manage(w http.ResponseWriter, r *http.Request, path []string, body []byte) {
	const entry = `<entry xmlns="http://www.w3.org/2005/Atom"><id>x</id><content type="application/xml">%s</content></entry>`
	const names = `xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
	switch name := strings.Join(path, "/"); {
	case r.Method == http.MethodGet && name == "queue":
		fmt.Fprintf(w, entry, fmt.Sprintf(`<QueueDescription %s><RequiresSession>%v</RequiresSession><MaxDeliveryCount>%d</MaxDeliveryCount>`+
			`<MessageCount>%d</MessageCount><CountDetails xmlns:d2p1="http://schemas.microsoft.com/netservices/2011/06/servicebus">`+
			`<d2p1:ActiveMessageCount>%d</d2p1:ActiveMessageCount><d2p1:DeadLetterMessageCount>%d</d2p1:DeadLetterMessageCount></CountDetails>`+
			`<ForwardTo>%s</ForwardTo></QueueDescription>`,
			names, n.sessions, n.most, len(n.queue.messages)+len(n.queue.dead), len(n.queue.messages), len(n.queue.dead), n.forwardTo))
	case r.Method == http.MethodGet && name == "topic":
		fmt.Fprintf(w, entry, fmt.Sprintf(`<TopicDescription %s><SubscriptionCount>%d</SubscriptionCount></TopicDescription>`, names, len(n.subscriptions)))
	case r.Method == http.MethodGet:
		fmt.Fprint(w, `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Publicly Listed Services</title></feed>`)
	case r.Method == http.MethodPut && len(path) == 3 && path[0] == "topic" && path[1] == "subscriptions":
		var e struct {
			Idle string `xml:"content>SubscriptionDescription>AutoDeleteOnIdle"`
		}
		switch {
		case xml.Unmarshal(body, &e) != nil || e.Idle != "PT5M" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/atom+xml"):
			refuse(w, http.StatusBadRequest, "the description")
		case n.subscriptions[path[2]] != nil:
			refuse(w, http.StatusConflict, "40900")
		case len(path[2]) > 50:
			refuse(w, http.StatusBadRequest, "a name of more than 50 characters")
		default:
			n.subscriptions[path[2]] = &mailbox{}
			w.WriteHeader(http.StatusCreated)
		}
	case r.Method == http.MethodDelete && len(path) == 3 && n.subscriptions[path[2]] != nil:
		delete(n.subscriptions, path[2])
	default:
		refuse(w, http.StatusNotFound, "40400: not found")
	}
}

// receive hands messages out, and takes back or removes those that are locked.
func (n *namespace) receive(w http.ResponseWriter, r *http.Request, path []string) {
	box := &n.queue
	if path[0] == "topic" {
		if box = n.subscriptions[path[2]]; box == nil {
			refuse(w, http.StatusGone, "the subscription does not exist")
			return
		}
		path = path[2:]
	}
	switch rest := strings.Join(path[2:], "/"); {
	case rest == "head" && (r.Method == http.MethodPost || r.Method == http.MethodDelete):
		n.hand(w, r, box)
	case r.Method == http.MethodDelete:
		n.unlock(w, box, path, func(i int, _ *message) { box.messages = slices.Delete(box.messages, i, i+1) })
	case r.Method == http.MethodPut:
		n.unlock(w, box, path, func(i int, m *message) {
			if m.lock = ""; m.deliveries >= n.most {
				box.messages, box.dead = slices.Delete(box.messages, i, i+1), append(box.dead, m)
			}
		})
	default:
		refuse(w, http.StatusNotFound, "40400: not found")
	}
}

// hand hands out the first message that is not locked.
func (n *namespace) hand(w http.ResponseWriter, r *http.Request, box *mailbox) {
	i := slices.IndexFunc(box.messages, func(m *message) bool { return m.lock == "" })
	if i < 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	m := box.messages[i]
	m.deliveries++
	w.Header().Set("BrokerProperties", fmt.Sprintf(`{"DeliveryCount":%d,"MessageId":%q,"SequenceNumber":1}`, m.deliveries, m.id))
	if r.Method == http.MethodDelete {
		box.messages = slices.Delete(box.messages, i, i+1)
		_, _ = w.Write(m.data)
		return
	}
	n.locks++
	m.lock = fmt.Sprintf("lock-%d", n.locks)
	w.Header().Set("Location", fmt.Sprintf("https://%s%s/1/%s", r.Host, strings.TrimSuffix(r.URL.Path, "/head"), m.lock))
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(m.data)
}

// unlock does what is to be done with the message of a lock.
func (n *namespace) unlock(w http.ResponseWriter, box *mailbox, path []string, do func(int, *message)) {
	i := slices.IndexFunc(box.messages, func(m *message) bool { return m.lock != "" && m.lock == path[len(path)-1] })
	if i < 0 {
		refuse(w, http.StatusNotFound, "40403: no such lock")
		return
	}
	do(i, box.messages[i])
}
