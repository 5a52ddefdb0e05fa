//go:build platforms

package eventbridge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

const source = "com.example.sensors"

// open opens the sink of a bus, as DT_SINK would name it.
func open(ctx context.Context, client *awsapi.Client, bus string) (sink.Sink, error) {
	return sink.Drivers{eventbridge.Scheme: eventbridge.Open(client)}.Open(ctx, []string{"aws-eventbridge://" + bus + "?source=" + source})
}

// A bus keeps the values of a detail, not its bytes. So a recorder remembers what was
// published, and what comes out of the bus with the same values is taken for it.
type recorder struct {
	sink.Sink
	mu        *sync.Mutex
	published map[string][]byte // by the canonical form of its JSON
}

func (r recorder) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	r.mu.Lock()
	for _, m := range msgs {
		var value any
		if json.Unmarshal(m.Data, &value) == nil {
			r.published[canonical(value)] = append([]byte{}, m.Data...)
		}
	}
	r.mu.Unlock()
	return r.Sink.Publish(ctx, msgs)
}

func canonical(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// stored returns the data of the events that have come out of a bus.
func stored(ctx context.Context, q *mototest.Queue, published map[string][]byte) ([]sink.Message, error) {
	taken, err := q.Taken(ctx)
	msgs := make([]sink.Message, len(taken))
	for i, m := range taken {
		var e struct{ Detail json.RawMessage }
		var wrapped struct {
			ID   *string `json:"id"`
			Data *[]byte `json:"data_base64"`
		}
		var value any
		for _, to := range []any{&value, &wrapped} {
			if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
				return nil, err
			}
			if err := json.Unmarshal(e.Detail, to); err != nil {
				return nil, err
			}
		}
		if data, ok := published[canonical(value)]; ok {
			msgs[i].Data = data
		} else if wrapped.Data != nil {
			msgs[i].Data = *wrapped.Data
		}
	}
	return msgs, err
}

func TestConformance(t *testing.T) {
	server := mototest.Start(t)
	var count atomic.Int64
	sinktest.Run(t, sinktest.Harness{
		MaxData: eventbridge.MaxData,
		New: func(t *testing.T) sinktest.Backend {
			name := fmt.Sprintf("name-%d", count.Add(1))
			q := server.NewQueue(t, name)
			server.NewBus(t, name, source, q)
			r := recorder{mu: new(sync.Mutex), published: make(map[string][]byte)}
			return sinktest.Backend{
				Open: func(ctx context.Context) (sink.Sink, error) {
					s, err := open(ctx, server.Client, name)
					return recorder{s, r.mu, r.published}, err
				},
				Stored: func(ctx context.Context) ([]sink.Message, error) { return stored(ctx, q, r.published) },
			}
		},
	})
}

// What rules match on.
func TestEnvelope(t *testing.T) {
	server := mototest.Start(t)
	q := server.NewQueue(t, "q")
	server.NewBus(t, "bus", source, q)
	s, err := open(t.Context(), server.Client, "bus")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Publish(t.Context(), []sink.Message{
		{ID: "1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{"specversion":"1.0"}`)},
		{ID: "2", Key: "d", Attributes: sink.Attributes{DeadLetter: "syntax"}, Data: []byte(`{}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	taken, err := q.Taken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type event struct {
		Source     string
		DetailType string `json:"detail-type"`
		Detail     map[string]any
	}
	got := map[string]event{}
	for _, m := range taken {
		var e event
		if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
			t.Fatal(err)
		}
		got[e.DetailType] = e
	}
	want := map[string]event{
		"touch": {source, "touch", map[string]any{"specversion": "1.0"}},
		"undecodable": {source, "undecodable", map[string]any{
			"id": "2", "key": "d", "attributes": map[string]any{"deadLetter": "syntax"}, "data_base64": "e30=",
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func sinkTest(t *testing.T, server *mototest.Server, name string) mototest.SinkTest {
	t.Helper()
	q := server.NewQueue(t, name)
	server.NewBus(t, name, source, q)
	r := recorder{mu: new(sync.Mutex), published: make(map[string][]byte)}
	return mototest.SinkTest{
		Open: func(ctx context.Context, client *awsapi.Client) (sink.Sink, error) {
			s, err := open(ctx, client, name)
			return recorder{s, r.mu, r.published}, err
		},
		Stored: func(ctx context.Context) ([]sink.Message, error) { return stored(ctx, q, r.published) },
	}
}

func TestFaults(t *testing.T) {
	server := mototest.Start(t)
	mototest.RunFaults(t, server, sinkTest(t, server, "events"))
}

func TestRestart(t *testing.T) {
	server := mototest.StartDurable(t)
	mototest.RunRestart(t, server, func(name string) mototest.SinkTest { return sinkTest(t, server, name) })
}
