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

// A follower runs Follow beside the test.
type follower struct {
	t      *testing.T
	cancel context.CancelFunc
	got    chan store.Record
	done   chan error // the last error, when Follow has ended
}

func follow(t *testing.T, s *store.Store, q store.Query) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &follower{t: t, cancel: cancel, got: make(chan store.Record), done: make(chan error, 1)}
	t.Cleanup(cancel)
	go func() {
		var last error
		for r, err := range s.Follow(ctx, q) {
			if last = err; err == nil {
				select {
				case f.got <- r:
				case <-ctx.Done():
				}
			}
		}
		f.done <- last
	}()
	return f
}

const patience = 20 * time.Second

func (f *follower) expect(ids ...string) {
	f.t.Helper()
	for _, id := range ids {
		select {
		case r := <-f.got:
			if r.ID != id {
				f.t.Fatalf("got %s, want %s", r.ID, id)
			}
		case err := <-f.done:
			f.t.Fatalf("ended with %v, want %s", err, id)
		case <-time.After(patience):
			f.t.Fatalf("nothing came, want %s", id)
		}
	}
}

func (f *follower) expectEnd(want error) {
	f.t.Helper()
	select {
	case r := <-f.got:
		f.t.Fatalf("got %s, want the end", r.ID)
	case err := <-f.done:
		if !errors.Is(err, want) {
			f.t.Fatalf("ended with %v, want %v", err, want)
		}
	case <-time.After(patience):
		f.t.Fatal("did not end")
	}
}

// Without polling: what the store itself stores is shown at once.
func TestFollowOwnEvents(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"), store.WithPollInterval(time.Hour))
	publish(t, s, "a", "b")
	all, later := follow(t, s, store.Query{}), follow(t, s, store.Query{AfterSeq: 1})
	all.expect("a", "b")
	later.expect("b")
	for i := range 5 {
		id := fmt.Sprint(i)
		publish(t, s, id)
		all.expect(id)
		later.expect(id)
	}
	all.cancel()
	all.expectEnd(nil)
	must(t, s.Close())
	later.expectEnd(sink.ErrClosed)
}

func TestFollowOtherStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path, store.WithPollInterval(time.Millisecond))
	other := open(t, path)
	f := follow(t, s, store.Query{})
	publish(t, other, "a")
	f.expect("a")
	publish(t, s, "a", "b")
	f.expect("b")
	publish(t, other, "a", "b", "c")
	f.expect("c")
	f.cancel()
	f.expectEnd(nil)
}

func TestFollowSelects(t *testing.T) {
	s := filled(t)
	for _, test := range []struct {
		name     string
		q        store.Query
		existing []string
		coming   []string // of touch by d1, touch by d2, humidity by d1
		ends     bool
	}{
		{"type", store.Query{Types: []string{"touch"}}, []string{"e1", "e6"}, []string{"1", "2"}, false},
		{"device", store.Query{Devices: []string{"d1"}}, []string{"e1", "e2", "e6"}, []string{"1", "3"}, false},
		{"nothing stored", store.Query{Types: []string{"touch"}, Devices: []string{"d2"}}, nil, []string{"2"}, false},
		{"limit in what is stored", store.Query{Limit: 2}, []string{"e1", "e2"}, nil, true},
		{"limit in what comes", store.Query{Limit: 4, Types: []string{"touch"}}, []string{"e1", "e6"}, []string{"1", "2"}, true},
		{"limit in what comes, unreached", store.Query{Limit: 4, Types: []string{"humidity"}}, []string{"e4"}, []string{"3"}, false},
		{"newest", store.Query{Newest: true, Limit: 2}, []string{"e5", "e6"}, []string{"1", "2", "3"}, false},
		{"newest of a type", store.Query{Newest: true, Limit: 1, Types: []string{"touch"}}, []string{"e6"}, []string{"1", "2"}, false},
		{"newest of few", store.Query{Newest: true, Limit: 9, Types: []string{"touch"}}, []string{"e1", "e6"}, []string{"1", "2"}, false},
		{"newest, all", store.Query{Newest: true, Types: []string{"touch"}}, []string{"e1", "e6"}, []string{"1", "2"}, false},
		{"since", store.Query{Since: start().Add(5 * time.Second), Types: []string{"touch"}}, []string{"e6"}, []string{"1", "2"}, false},
		{"until has passed", store.Query{Until: start().Add(2 * time.Second)}, []string{"e1", "e2"}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := filled(t)
			f := follow(t, s, test.q)
			f.expect(test.existing...)
			if test.ends && test.coming == nil {
				f.expectEnd(nil)
				return
			}
			for i, e := range []struct{ eventType, device string }{{"touch", "d1"}, {"touch", "d2"}, {"humidity", "d1"}} {
				_, err := s.Publish(t.Context(), []sink.Message{{
					ID: fmt.Sprint(i + 1), Key: e.device, Attributes: sink.Attributes{EventType: e.eventType},
				}})
				must(t, err)
			}
			f.expect(test.coming...)
			if !test.ends {
				f.cancel()
			}
			f.expectEnd(nil)
		})
	}
	for range s.Follow(t.Context(), store.Query{}) {
		break // the consumer may leave
	}
	for range s.Follow(t.Context(), store.Query{Newest: true, Limit: 2}) {
		break
	}
}

// Numbers are not used again when events are deleted, so nothing new is missed.
func TestFollowAfterDeletion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path, store.WithPollInterval(time.Millisecond))
	publish(t, s, "a", "b", "c")
	f := follow(t, s, store.Query{})
	f.expect("a", "b", "c")
	raw(t, path, "DELETE FROM events")
	publish(t, s, "a")
	f.expect("a")
}
