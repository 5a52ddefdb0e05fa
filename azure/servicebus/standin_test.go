package servicebus_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A namespace is a stand-in for a Service Bus namespace with one entity, as far as its
// REST documentation ("Send Message", "Service Bus access control with shared access
// signatures", "Duplicate detection") says what it does.
type namespace struct {
	server *httptest.Server
	entity string
	// What is accepted of a sender: a bearer token, or a shared access signature.
	token, keyName, key string
	// limit is the longest message with its properties: 256 KiB in the Standard tier.
	limit int
	// sessions: the entity requires a session.
	sessions bool
	// fault, unless nil, answers instead of the namespace when it returns true.
	fault func(w http.ResponseWriter, r *http.Request) bool

	mu     sync.Mutex
	stored []stored
	ids    map[string]bool // of the duplicate detection's window
}

type stored struct {
	sink.Message
	session, partition, contentType string
}

func newNamespace(t testing.TB) *namespace {
	t.Helper()
	n := &namespace{entity: "events", token: "token", keyName: "send", key: "marked-key", limit: 1 << 20, ids: make(map[string]bool)}
	n.server = httptest.NewServer(n)
	t.Cleanup(n.server.Close)
	return n
}

// client returns one whose requests end up here, whatever their host.
func (n *namespace) client() *http.Client {
	return &http.Client{Transport: redirect{n.server.Listener.Addr().String(), n.server.Client().Transport}}
}

type redirect struct {
	address string
	over    http.RoundTripper
}

func (d redirect) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", d.address
	return d.over.RoundTrip(r)
}

// events returns what is stored as it was published.
func (n *namespace) events(context.Context) ([]sink.Message, error) {
	var all []sink.Message
	for _, m := range n.messages() {
		if m.Key == "no-device" {
			m.Key = ""
		}
		all = append(all, m.Message)
	}
	return all, nil
}

func (n *namespace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n.fault != nil && n.fault(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	status, detail := n.accept(r, body)
	if status == http.StatusCreated {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%d</Code><Detail>%s. TrackingId:0</Detail></Error>", status, detail)
}

func (n *namespace) accept(r *http.Request, body []byte) (int, string) {
	if !n.authorized(r) {
		return http.StatusUnauthorized, "40103: Invalid authorization token signature"
	}
	if r.Method != http.MethodPost || r.URL.Path != "/"+n.entity+"/messages" {
		return http.StatusNotFound, "40400: Endpoint not found"
	}
	var broker struct {
		MessageID    string `json:"MessageId"`
		SessionID    string `json:"SessionId"`
		PartitionKey string
	}
	if err := json.Unmarshal([]byte(r.Header.Get("BrokerProperties")), &broker); err != nil {
		return http.StatusBadRequest, "BrokerProperties"
	}
	switch {
	case max(len(broker.MessageID), len(broker.SessionID), len(broker.PartitionKey)) > 128:
		return http.StatusBadRequest, "a property of more than 128 characters"
	case broker.SessionID != "" && broker.PartitionKey != "" && broker.SessionID != broker.PartitionKey:
		return http.StatusBadRequest, "SessionId and PartitionKey differ"
	case n.sessions && broker.SessionID == "":
		return http.StatusBadRequest, "the entity requires a session"
	}
	attributes, size, fault := properties(r.Header)
	if fault != "" {
		return http.StatusBadRequest, fault
	}
	if size += len(body); size > n.limit {
		return http.StatusForbidden, "the message is too large"
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ids[broker.MessageID] {
		return http.StatusCreated, "" // dropped, without a word
	}
	n.ids[broker.MessageID] = true
	n.stored = append(n.stored, stored{
		Message: sink.Message{ID: broker.MessageID, Key: broker.SessionID, Attributes: attributes, Data: body},
		session: broker.SessionID, partition: broker.PartitionKey, contentType: r.Header.Get("Content-Type"),
	})
	return http.StatusCreated, ""
}

// properties returns the custom properties, which are all headers that HTTP has no use
// for, and the size of all properties.
func properties(header http.Header) (a sink.Attributes, size int, fault string) {
	known := []string{"Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "User-Agent"}
	for name, values := range header {
		if slices.Contains(known, name) {
			continue
		}
		size += len(name) + len(values[0])
		if name == "Brokerproperties" {
			continue
		}
		var value string // texts are in double quotes
		if json.Unmarshal([]byte(values[0]), &value) != nil {
			return a, size, "property " + name
		}
		switch name {
		case "Eventtype":
			a.EventType = value
		case "Devicetype":
			a.DeviceType = value
		case "Projectid":
			a.ProjectID = value
		case "Deadletter":
			a.DeadLetter = value
		case "Recovered":
			a.Recovered = value == "true"
		default:
			return a, size, "unexpected property " + name
		}
	}
	return a, size, ""
}

// authorized checks the token.
func (n *namespace) authorized(r *http.Request) bool {
	text := r.Header.Get("Authorization")
	if n.token != "" && text == "Bearer "+n.token {
		return true
	}
	rest, ok := strings.CutPrefix(text, "SharedAccessSignature ")
	if !ok {
		return false
	}
	fields, err := url.ParseQuery(rest)
	if err != nil {
		return false
	}
	// What is signed is the resource as it stands in the token, encoded.
	_, encoded, _ := strings.Cut(rest, "sr=")
	encoded, _, _ = strings.Cut(encoded, "&")
	mac := hmac.New(sha256.New, []byte(n.key))
	fmt.Fprintf(mac, "%s\n%s", encoded, fields.Get("se"))
	expires, err := strconv.ParseInt(fields.Get("se"), 10, 64)
	return err == nil && time.Unix(expires, 0).After(time.Now()) &&
		fields.Get("skn") == n.keyName &&
		fields.Get("sig") == base64.StdEncoding.EncodeToString(mac.Sum(nil)) &&
		strings.HasPrefix("https://"+r.Host+r.URL.Path, fields.Get("sr"))
}

func (n *namespace) messages() []stored {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.stored)
}
