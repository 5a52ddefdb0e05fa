package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// start is when the first event of filled is received; each is a second later.
func start() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// filled returns a store of the events e1 to e6.
func filled(t *testing.T) *store.Store {
	t.Helper()
	now := start()
	s := open(t, filepath.Join(t.TempDir(), "events.db"), store.WithClock(func() time.Time {
		defer func() { now = now.Add(time.Second) }()
		return now
	}))
	for i, e := range []struct{ eventType, device, project string }{
		{"touch", "d1", "p1"},
		{"temperature", "d1", "p1"},
		{"temperature", "d2", "p1"},
		{"humidity", "d3", "p2"},
		{"temperature", "d3", "p2"},
		{"touch", "d1", "p1"},
	} {
		_, err := s.Publish(t.Context(), []sink.Message{{
			ID: fmt.Sprintf("e%d", i+1), Key: e.device, Data: []byte("{}"),
			Attributes: sink.Attributes{EventType: e.eventType, ProjectID: e.project},
		}})
		must(t, err)
	}
	return s
}

func TestQuery(t *testing.T) {
	s := filled(t)
	at := func(seconds int) time.Time { return start().Add(time.Duration(seconds) * time.Second) }
	for _, test := range []struct {
		q    store.Query
		want string
	}{
		{store.Query{}, "e1 e2 e3 e4 e5 e6"},
		{store.Query{Newest: true}, "e6 e5 e4 e3 e2 e1"},
		{store.Query{Types: []string{"touch"}}, "e1 e6"},
		{store.Query{Types: []string{"touch", "humidity"}}, "e1 e4 e6"},
		{store.Query{Types: []string{"co2"}}, ""},
		{store.Query{Devices: []string{"d1", "d2"}}, "e1 e2 e3 e6"},
		{store.Query{Projects: []string{"p2"}}, "e4 e5"},
		{store.Query{Types: []string{"temperature"}, Devices: []string{"d1", "d3"}, Projects: []string{"p1"}}, "e2"},
		{store.Query{Since: at(2)}, "e3 e4 e5 e6"},
		{store.Query{Until: at(2)}, "e1 e2"},
		{store.Query{Since: at(2), Until: at(3)}, "e3"},
		{store.Query{Since: at(2).In(time.FixedZone("", 7200)), Until: at(9)}, "e3 e4 e5 e6"},
		{store.Query{Since: at(7)}, ""},
		{store.Query{AfterSeq: 4}, "e5 e6"},
		{store.Query{AfterSeq: 4, Newest: true}, "e6 e5"},
		{store.Query{AfterSeq: 99}, ""},
		{store.Query{Limit: 2}, "e1 e2"},
		{store.Query{Limit: 2, Newest: true}, "e6 e5"},
		{store.Query{Limit: 99}, "e1 e2 e3 e4 e5 e6"},
		{store.Query{Types: []string{"temperature"}, Limit: 2, Newest: true, AfterSeq: 1}, "e5 e3"},
	} {
		expectIDs(t, s, test.q, test.want)
	}
}

func TestRecord(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"), store.WithClock(func() time.Time {
		return start().Add(1234567 * time.Nanosecond)
	}))
	want := sink.Message{
		ID: "a", Key: "d", Data: []byte{0, 255},
		Attributes: sink.Attributes{EventType: "t", DeviceType: "dt", ProjectID: "p", Recovered: true, DeadLetter: "syntax"},
	}
	_, err := s.Publish(t.Context(), []sink.Message{want})
	must(t, err)
	for r, err := range s.Query(t.Context(), store.Query{}) {
		if err != nil || fmt.Sprint(r.Message) != fmt.Sprint(want) {
			t.Errorf("got %+v, %v, want %+v", r.Message, err, want)
		}
		if r.Seq != 1 || r.ReceivedAt != start().Add(time.Millisecond) {
			t.Errorf("got number %d, received at %v", r.Seq, r.ReceivedAt)
		}
	}
	if n, err := s.Count(t.Context()); n != 1 || err != nil {
		t.Errorf("count: got %d, %v", n, err)
	}
}

// More events than are read in one go, in both directions, and with the consumer
// leaving in between.
func TestQueryManyPages(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	const total = 1000
	var ids []string
	for i := range total {
		ids = append(ids, fmt.Sprintf("e%d", i+1))
	}
	publish(t, s, ids...)
	for _, test := range []struct {
		q    store.Query
		want int
	}{
		{store.Query{}, total},
		{store.Query{Limit: 64}, 64},
		{store.Query{Limit: 129}, 129},
		{store.Query{Newest: true}, total},
		{store.Query{Newest: true, AfterSeq: 500}, 500},
		{store.Query{Newest: true, Limit: 300}, 300},
	} {
		n := int64(0)
		for r, err := range s.Query(t.Context(), test.q) {
			must(t, err)
			n++
			want := n
			if test.q.Newest {
				want = total + 1 - n
			}
			if r.Seq != want || r.ID != fmt.Sprintf("e%d", want) {
				t.Fatalf("%+v: number %d is %d, %s", test.q, n, r.Seq, r.ID)
			}
		}
		if n != int64(test.want) {
			t.Errorf("%+v: %d events, want %d", test.q, n, test.want)
		}
		n = 0
		for range s.Query(t.Context(), test.q) {
			if n++; n == 10 {
				break
			}
		}
	}
}

// What is stored while a consumer takes its time does not go on for ever, and the
// consumer holds nobody up.
func TestQueryEndsWithWhatWasStored(t *testing.T) {
	s := filled(t)
	n := 0
	for _, err := range s.Query(t.Context(), store.Query{}) {
		must(t, err)
		n++
		publish(t, s, fmt.Sprintf("new-%d", n))
	}
	if n != 6 {
		t.Errorf("%d events, want the 6 that were there", n)
	}
}

func TestQueryContext(t *testing.T) {
	s := filled(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs []error
	for r, err := range s.Query(ctx, store.Query{}) {
		if r.ID != "" {
			t.Errorf("got %+v", r)
		}
		errs = append(errs, err)
	}
	if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
		t.Errorf("got %v, want context.Canceled once", errs)
	}
	if _, err := s.Count(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("count: got %v, want context.Canceled", err)
	}
}
