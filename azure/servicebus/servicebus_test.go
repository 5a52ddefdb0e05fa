package servicebus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

type tokens struct{ text string }

func (s tokens) Token(_ context.Context, resource string) (secret.Text, error) {
	if resource != "https://servicebus.azure.net/" {
		return secret.Text{}, errors.New("a token for " + resource)
	}
	return secret.New(s.text), nil
}

const (
	host       = "ns.servicebus.windows.net"
	address    = "azure-servicebus://" + host + "/events"
	connection = "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=marked-key"
)

func open(t testing.TB, n *namespace, rawURL, connection string) (sink.Sink, error) {
	t.Helper()
	c := servicebus.Config{ConnectionString: secret.New(connection), Tokens: tokens{"token"}, Client: http.DefaultClient}
	if n != nil {
		c.Client = n.client()
	}
	d := sink.Drivers{servicebus.Scheme: servicebus.Opener(c)}
	return d.Open(t.Context(), []string{rawURL})
}

func mustOpen(t testing.TB, n *namespace, rawURL, connection string) sink.Sink {
	t.Helper()
	s, err := open(t, n, rawURL, connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	for name, c := range map[string]string{"identity": "", "key": connection} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, sinktest.Harness{
				New: func(t *testing.T) sinktest.Backend {
					n := newNamespace(t)
					return sinktest.Backend{
						Open:   func(context.Context) (sink.Sink, error) { return open(t, n, address+"?session=device", c) },
						Stored: n.events,
					}
				},
				KeepsID: true, KeepsKey: true, KeepsAttributes: true, MaxData: servicebus.MaxData,
			})
		})
	}
}

func event(id string) sink.Message {
	return sink.Message{
		ID: id, Key: "device", Data: []byte("{}"),
		Attributes: sink.Attributes{EventType: "touch", DeviceType: "touch", ProjectID: "p", Recovered: true, DeadLetter: "syntax"},
	}
}

func publish(t *testing.T, s sink.Sink, msgs ...sink.Message) {
	t.Helper()
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
}

// The event's id is the message's, so an entity that detects duplicates has each
// event once.
func TestDuplicateDetection(t *testing.T) {
	n := newNamespace(t)
	s := mustOpen(t, n, address, "")
	publish(t, s, event("a"), event("b"))
	publish(t, s, event("b"), event("a"))
	if all := n.messages(); len(all) != 2 {
		t.Errorf("%d messages, want 2", len(all))
	}
}

func TestOptions(t *testing.T) {
	tests := map[string]struct {
		options, key, session, partition string
		sessions                         bool
	}{
		"none":                     {"", "device", "", "", false},
		"session":                  {"?session=device", "device", "device", "", true},
		"session without device":   {"?session=device", "", "no-device", "", true},
		"partition":                {"?partition=device", "device", "", "device", false},
		"partition without device": {"?partition=device", "", "", "", false},
		"both":                     {"?session=device&partition=device", "device", "device", "device", true},
		"both without device":      {"?session=device&partition=device", "", "no-device", "no-device", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := newNamespace(t)
			n.sessions = test.sessions
			m := event("a")
			m.Key = test.key
			publish(t, mustOpen(t, n, address+test.options, ""), m)
			got := n.messages()[0]
			if got.session != test.session || got.partition != test.partition || got.contentType != "application/json" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Ids that are longer than Service Bus takes are told apart all the same.
func TestLongIDs(t *testing.T) {
	n := newNamespace(t)
	s := mustOpen(t, n, address+"?session=device", "")
	for _, id := range []string{strings.Repeat("x", 129), strings.Repeat("x", 130)} {
		m := event(id)
		m.Key = id
		publish(t, s, m, m)
	}
	if all := n.messages(); len(all) != 2 || all[0].ID == all[1].ID || all[0].session == all[1].session {
		t.Errorf("%+v", all)
	}
}

// A property's name is sent as it is: a subscription's filter may depend on its case.
func TestPropertyNames(t *testing.T) {
	var got map[string][]string // as it is sent, names included
	c := servicebus.Config{Tokens: tokens{"token"}, Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return &http.Response{StatusCode: 201, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	})}}
	s, err := servicebus.Opener(c)(t.Context(), &url.URL{Scheme: servicebus.Scheme, Host: host, Path: "/a/b.c"})
	if err != nil {
		t.Fatal(err)
	}
	m := event("ä\U0001f321\x7f")
	m.Attributes.EventType = "\"\n\u2028" + strings.Repeat("ü", 1000)
	publish(t, s, m)
	want := []string{"Authorization", "BrokerProperties", "Content-Type", "User-Agent", "deadLetter", "deviceType", "eventType", "projectId", "recovered"}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("headers %v", names)
	}
	if id := got["BrokerProperties"][0]; id != `{"MessageId":"\u00e4\ud83c\udf21\u007f"}` {
		t.Errorf("BrokerProperties: %s", id)
	}
	if v := got["eventType"][0]; !strings.HasPrefix(v, `"\"\n\u2028\u00fc\u00fc`) || len(v) > 2000 {
		t.Errorf("eventType: %s", v)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestFaults(t *testing.T) {
	fail := func(status int, times int64) func(http.ResponseWriter, *http.Request) bool {
		var n atomic.Int64
		return func(w http.ResponseWriter, _ *http.Request) bool {
			if n.Add(1) > times {
				return false
			}
			w.WriteHeader(status)
			return true
		}
	}
	tear := func() func(http.ResponseWriter, *http.Request) bool {
		var n atomic.Int64
		return func(_ http.ResponseWriter, r *http.Request) bool {
			if n.Add(1) > 1 {
				return false
			}
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}
	}
	tests := map[string]struct {
		change  func(n *namespace)
		data    int
		fails   bool
		tooLong bool
		want    string
	}{
		"throttled for a moment": {func(n *namespace) { n.fault = fail(503, 2) }, 10, false, false, ""},
		"throttled for long":     {func(n *namespace) { n.fault = fail(503, 3) }, 10, true, false, "503"},
		"torn":                   {func(n *namespace) { n.fault = tear() }, 10, false, false, ""},
		"permission":             {func(n *namespace) { n.token = "other" }, 10, true, false, "Azure Service Bus Data Sender"},
		"no entity":              {func(n *namespace) { n.entity = "other" }, 10, true, false, "make the queue or topic"},
		"full":                   {func(n *namespace) { n.fault = fail(403, 9) }, 10, true, false, "full"},
		"standard, too large":    {func(n *namespace) { n.limit = 256 << 10 }, 256 << 10, true, true, "with its properties"},
		"standard, large":        {func(n *namespace) { n.limit = 256 << 10 }, 255 << 10, false, false, ""},
		"status of its own":      {func(n *namespace) { n.fault = fail(413, 9) }, 10, true, true, "413"},
		"premium, too large":     {func(*namespace) {}, servicebus.MaxData + 1, true, true, "Premium"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := newNamespace(t)
			test.change(n)
			s := mustOpen(t, n, address, "")
			m := event("a")
			m.Data = bytes.Repeat([]byte("x"), test.data)
			_, err := s.Publish(t.Context(), []sink.Message{m})
			if (err != nil) != test.fails || errors.Is(err, sink.ErrTooLarge) != test.tooLong || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
			if stored := len(n.messages()) == 1; stored == test.fails {
				t.Errorf("%d messages are stored", len(n.messages()))
			}
			// After the fault it is taken.
			n.fault, n.token, n.entity, n.limit = nil, "token", "events", 1<<20
			publish(t, s, event("b"))
		})
	}
}

// Whatever a message holds, it becomes headers that can be sent.
func FuzzMessage(f *testing.F) {
	f.Add("id", "device", "touch", "{}")
	f.Add("\r\nX: y", "\x00", "\xff\U0001f321", "")
	f.Fuzz(func(t *testing.T, id, key, eventType, data string) {
		n := newNamespace(t)
		n.sessions = true
		s := mustOpen(t, n, address+"?session=device", "")
		m := sink.Message{ID: id, Key: key, Attributes: sink.Attributes{EventType: eventType}, Data: []byte(data)}
		if len(data) > servicebus.MaxData {
			return
		}
		publish(t, s, m)
		if got := n.messages(); len(got) != 1 || string(got[0].Data) != data {
			t.Errorf("%d messages", len(got))
		}
	})
}
