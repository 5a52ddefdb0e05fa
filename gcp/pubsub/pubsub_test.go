package pubsub_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

func TestConformance(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{
		New: func(t *testing.T) sinktest.Backend {
			b := newBroker(t)
			return sinktest.Backend{
				Open:   func(ctx context.Context) (sink.Sink, error) { return open(ctx, b.Config(), sinkURL) },
				Stored: b.stored,
			}
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true,
		MaxData: pubsub.MaxData,
	})
}

func event(n int) sink.Message {
	id := fmt.Sprintf("event-%d", n)
	return sink.Message{ID: id, Key: "device", Data: fmt.Appendf(nil, `{"id":%q}`, id)}
}

func TestMessage(t *testing.T) {
	long := strings.Repeat("é", 1000) // 2,000 bytes
	tests := map[string]struct {
		message    sink.Message
		attributes map[string]string
		key        string
	}{
		"event": {
			sink.Message{ID: "e1", Key: "d1", Data: []byte("{}"), Attributes: sink.Attributes{EventType: "temperature", DeviceType: "humidity", ProjectID: "p1", Recovered: true}},
			map[string]string{"eventId": "e1", "deviceId": "d1", "eventType": "temperature", "deviceType": "humidity", "projectId": "p1", "recovered": "true"},
			"d1",
		},
		"without a device": {
			sink.Message{ID: "e1", Attributes: sink.Attributes{DeadLetter: "syntax"}},
			map[string]string{"eventId": "e1", "deadLetter": "syntax"}, "",
		},
		"not UTF-8": {
			sink.Message{ID: "e\xff1"}, map[string]string{"eventId": "e1"}, "",
		},
		"beyond the limits of names": {
			sink.Message{ID: "e1", Key: long},
			map[string]string{"eventId": "e1", "deviceId": strings.Repeat("é", 512)},
			"75628d88c411e2c7a3e1cbb3f0eb5498e51455875142fedd62677987cdecf107",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			if _, err := mustOpen(t, b.Config()).Publish(t.Context(), []sink.Message{test.message}); err != nil {
				t.Fatal(err)
			}
			m := b.Fake.Messages()[0]
			if !maps.Equal(m.Attributes, test.attributes) {
				t.Errorf("attributes %q, want %q", m.Attributes, test.attributes)
			}
			if m.OrderingKey != test.key {
				t.Errorf("ordering key %q, want %q", m.OrderingKey, test.key)
			}
		})
	}
}

// A Publish call can have more than a request takes; the order stays.
func TestRequestsWithinLimits(t *testing.T) {
	tests := map[string]struct {
		messages, size int
		want           []int
	}{
		"1,000 messages":   {1000, 10, []int{1000}},
		"2,500 messages":   {2500, 10, []int{1000, 1000, 500}},
		"four of 2 MB":     {4, 2_000_000, []int{3, 1}},
		"two of 6 MB":      {2, 6_000_000, []int{1, 1}},
		"one of almost 10": {1, pubsub.MaxData - 500, []int{1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			msgs := make([]sink.Message, test.messages)
			for i := range msgs {
				msgs[i] = event(i)
				msgs[i].Data = append(msgs[i].Data, bytes.Repeat([]byte{' '}, test.size)...)
			}
			if _, err := mustOpen(t, b.Config()).Publish(t.Context(), msgs); err != nil {
				t.Fatal(err)
			}
			messages, sizes := b.seen()
			if !slices.Equal(messages, test.want) {
				t.Errorf("requests of %v messages, want %v", messages, test.want)
			}
			for i, n := range sizes {
				if messages[i] > 1 && n > 10_000_000 {
					t.Errorf("request %d has %d bytes", i, n)
				}
			}
			stored, _ := b.stored(t.Context())
			for i, m := range stored {
				if m.ID != msgs[i].ID || !bytes.Equal(m.Data, msgs[i].Data) {
					t.Fatalf("message %d is %s of %d bytes, want %s of %d", i, m.ID, len(m.Data), msgs[i].ID, len(msgs[i].Data))
				}
			}
		})
	}
}

// One that is too large does not fail its neighbours of other calls, and nothing of
// its own call is sent.
func TestTooLarge(t *testing.T) {
	b := newBroker(t)
	s := mustOpen(t, b.Config())
	large := event(2)
	large.Data = make([]byte, pubsub.MaxData-10) // with its attributes it is beyond
	if _, err := s.Publish(t.Context(), []sink.Message{event(1), large}); !errors.Is(err, sink.ErrTooLarge) || !strings.Contains(err.Error(), topicName) {
		t.Errorf("error %v, want ErrTooLarge that names the topic", err)
	}
	if stored, _ := b.stored(t.Context()); len(stored) != 0 {
		t.Errorf("%d messages are stored", len(stored))
	}
	if _, err := s.Publish(t.Context(), []sink.Message{event(3)}); err != nil {
		t.Error(err)
	}
}

type fixedToken struct {
	token  secret.Text
	usable error
	err    error
}

func (f fixedToken) Usable() error                              { return f.usable }
func (f fixedToken) Token(context.Context) (secret.Text, error) { return f.token, f.err }

func TestOpen(t *testing.T) {
	never := errors.New("key files are not supported")
	tests := map[string]struct {
		url, emulator string
		usable        error
		wantError     string // "" for none
	}{
		"topic":               {sinkURL, "", nil, ""},
		"slash at the end":    {sinkURL + "/", "", nil, ""},
		"project of a domain": {"gcp-pubsub://projects/example.com:plant/topics/abc", "", nil, ""},
		"escaped topic":       {"gcp-pubsub://projects/p/topics/a%25b", "", nil, ""},
		"emulator":            {sinkURL, "localhost:8085", never, ""},
		"no tokens ever":      {sinkURL, "", never, "not supported"},
		"not an emulator":     {sinkURL, "localhost:8085/path", nil, "PUBSUB_EMULATOR_HOST"},
		"no topic":            {"gcp-pubsub://projects/p", "", nil, "want gcp-pubsub://projects/PROJECT/topics/TOPIC"},
		"subscription":        {"gcp-pubsub://projects/p/subscriptions/abc", "", nil, "want gcp-pubsub://"},
		"short form":          {"gcp-pubsub://p/abc", "", nil, "want gcp-pubsub://"},
		"wrong project":       {"gcp-pubsub://projects/Plant/topics/abc", "", nil, "names no project"},
		"reserved topic":      {"gcp-pubsub://projects/p/topics/google", "", nil, "names no topic"},
		"topic of one letter": {"gcp-pubsub://projects/p/topics/a", "", nil, "names no topic"},
		"topic with a space":  {"gcp-pubsub://projects/p/topics/a%20b", "", nil, "names no topic"},
		"digit first":         {"gcp-pubsub://projects/p/topics/1abc", "", nil, "names no topic"},
		"query":               {sinkURL + "?x=hunter2", "", nil, "more than the name"},
		"password":            {"gcp-pubsub://u:hunter2@projects/p/topics/abc", "", nil, "credentials"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := open(t.Context(), pubsub.Config{Emulator: test.emulator, Tokens: fixedToken{usable: test.usable}, Client: &http.Client{}}, test.url)
			if test.wantError == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.wantError) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want one with %q and no secret", err, test.wantError)
			}
		})
	}
}

func Example() {
	// The emulator of the gcloud CLI.
	drivers := sink.Drivers{pubsub.Scheme: pubsub.Opener(pubsub.Config{Emulator: "localhost:8085", Client: &http.Client{}})}
	s, err := drivers.Open(context.Background(), []string{"gcp-pubsub://projects/plant-7/topics/events"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Close())
	// Output: <nil>
}
