package store_test

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func TestPublishersShareTransactions(t *testing.T) {
	const publishers, each = 32, 20
	// The clock is read once for each transaction.
	var transactions atomic.Int64
	s := open(t, filepath.Join(t.TempDir(), "events.db"), store.WithClock(func() time.Time {
		transactions.Add(1)
		return time.UnixMilli(1700000000123)
	}))
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", p, i)
				if result, err := s.Publish(t.Context(), []sink.Message{message(id)}); err != nil || result.Duplicates != 0 {
					t.Errorf("%s: %v, %v", id, result, err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := s.Count(t.Context()); err != nil || n != publishers*each {
		t.Errorf("%d events stored, %v, want %d", n, err, publishers*each)
	}
	if n := transactions.Load(); n > publishers*each/2 {
		t.Errorf("%d transactions for %d events", n, publishers*each)
	}
}

// Of several that publish one event at the same time, exactly one stores it.
func TestPublishTellsOneFromItsDuplicates(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	for round := range 20 {
		var wg sync.WaitGroup
		var duplicates atomic.Int64
		for range 16 {
			wg.Go(func() {
				result, err := s.Publish(t.Context(), []sink.Message{message(fmt.Sprint(round))})
				if err != nil {
					t.Error(err)
				}
				duplicates.Add(int64(result.Duplicates))
			})
		}
		wg.Wait()
		if n := duplicates.Load(); n != 15 {
			t.Fatalf("%d of 16 were told of a duplicate, want 15", n)
		}
	}
}

// What was stored first stays.
func TestPublishDoesNotOverwrite(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	publish(t, s, "a")
	other := message("a")
	other.Data, other.Key = []byte("other"), "other"
	result, err := s.Publish(t.Context(), []sink.Message{other})
	if err != nil || result.Duplicates != 1 {
		t.Errorf("got %v, %v", result, err)
	}
	for r, err := range s.Query(t.Context(), store.Query{}) {
		if err != nil || r.Key != "device" || string(r.Data) != `{"id":"a"}` {
			t.Errorf("got %+v, %v", r, err)
		}
	}
}

func TestPublishNeedsAnID(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	_, err := s.Publish(t.Context(), []sink.Message{message("a"), {Data: []byte("{}")}})
	if err == nil || !strings.Contains(err.Error(), "message 1 has no ID") {
		t.Errorf("got %v", err)
	}
	if n, err := s.Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d stored, %v", n, err)
	}
}

// Ids come from outside; each text is one id.
func TestPublishOddIDs(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	ids := []string{"a", "A", "a ", "a\x00", "a\x00b", "0", "00", "0.0", "é", "e\u0301", "'; DROP TABLE events; --", strings.Repeat("x", 10000)}
	publish(t, s, ids...)
	var got []string
	for r, err := range s.Query(t.Context(), store.Query{}) {
		must(t, err)
		got = append(got, r.ID)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", ids) {
		t.Errorf("got  %q\nwant %q", got, ids)
	}
	expectIDs(t, s, store.Query{Types: []string{"x' OR '1'='1"}}, "")
}

func TestPublishNoticesARemovedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.db")
	s := open(t, path)
	publish(t, s, "a")
	must(t, os.Rename(path, path+".away"))
	for range 2 {
		if _, err := s.Publish(t.Context(), []sink.Message{message("b")}); err == nil || !strings.Contains(err.Error(), "removed or replaced") {
			t.Errorf("got %v, want an error that says so", err)
		}
		must(t, os.WriteFile(path, nil, 0o600)) // replaced, the second time
	}
	must(t, os.Rename(path+".away", path))
	publish(t, s, "c")
	expectIDs(t, s, store.Query{}, "a c")
}

// An error of SQLite reaches the caller, and the store goes on after it.
func TestPublishFailsAndRecovers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path)
	raw(t, path, `CREATE TRIGGER full BEFORE INSERT ON events WHEN new.id = 'refused'
		BEGIN SELECT raise(ABORT, 'disk is full'); END`)
	_, err := s.Publish(t.Context(), []sink.Message{message("before"), message("refused")})
	if err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	publish(t, s, "after")
	expectIDs(t, s, store.Query{}, "after") // a call's messages are stored together
}

func TestClosedStore(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	must(t, s.Close())
	if _, err := s.Count(t.Context()); !errors.Is(err, sink.ErrClosed) {
		t.Errorf("count: got %v", err)
	}
	for name, iteration := range map[string]iter.Seq2[store.Record, error]{
		"query":  s.Query(t.Context(), store.Query{}),
		"follow": s.Follow(t.Context(), store.Query{}),
		"tail":   s.Follow(t.Context(), store.Query{Newest: true, Limit: 1}),
	} {
		var errs []error
		for _, err := range iteration {
			errs = append(errs, err)
		}
		if len(errs) != 1 || !errors.Is(errs[0], sink.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed once", name, errs)
		}
	}
}

// BenchmarkPublish is 64 publishers of one event of a kilobyte each.
func BenchmarkPublish(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "events.db"))
	data := []byte(`{"x":"` + strings.Repeat("x", 1000) + `"}`)
	attributes := sink.Attributes{EventType: "temperature", DeviceType: "temperature", ProjectID: "c14u9p094l47cdv1o3pg"}
	var published atomic.Int64
	const publishers = 64
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range publishers {
		wg.Go(func() {
			for {
				n := published.Add(1)
				if n > int64(b.N) {
					return
				}
				m := sink.Message{ID: fmt.Sprintf("c82gg9catj%010d", n), Key: "emuc17m6d7lq0bgk44smcqg", Attributes: attributes, Data: data}
				if _, err := s.Publish(b.Context(), []sink.Message{m}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
