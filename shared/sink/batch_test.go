package sink_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A recorder is a FlushFunc's other side: it notes the groups, and each flush
// waits for a value on gate when there is one.
type recorder struct {
	gate chan error // nil: never waits

	mu     sync.Mutex
	groups []string
}

func (r *recorder) flush(ctx context.Context, msgs []sink.Message) ([]bool, error) {
	var err error
	if r.gate != nil {
		err = <-r.gate
	}
	var ids []string
	duplicates := make([]bool, len(msgs))
	for i, m := range msgs {
		if string(m.Data) != "data of "+m.ID {
			return nil, fmt.Errorf("%s holds %q", m.ID, m.Data)
		}
		ids = append(ids, m.ID)
		duplicates[i] = strings.HasPrefix(m.ID, "dup")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.groups = append(r.groups, strings.Join(ids, " "))
	return duplicates, err
}

func msgs(ids ...string) []sink.Message {
	list := make([]sink.Message, len(ids))
	for i, id := range ids {
		list[i] = sink.Message{ID: id, Data: []byte("data of " + id)}
	}
	return list
}

// A published is a Publish call under way.
type published struct {
	result sink.Result
	err    error
	done   bool
}

func publish(ctx context.Context, b *sink.Batcher, list []sink.Message) *published {
	p := &published{}
	go func() {
		p.result, p.err = b.Publish(ctx, list)
		p.done = true
	}()
	synctest.Wait()
	return p
}

func TestBatcherGroupsCallsThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan error)}
		b := sink.NewBatcher(r.flush, sink.Limits{})
		first := publish(t.Context(), b, msgs("a"))
		second := publish(t.Context(), b, msgs("b", "dup-1", "dup-2"))
		third := publish(t.Context(), b, msgs("dup-3", "c"))
		r.gate <- nil
		synctest.Wait()
		if !first.done || second.done || third.done {
			t.Fatalf("after the first flush: %v %v %v", first, second, third)
		}
		r.gate <- nil
		synctest.Wait()
		for i, p := range []*published{first, second, third} {
			if want := []int{0, 2, 1}[i]; !p.done || p.err != nil || p.result.Duplicates != want {
				t.Errorf("call %d: got %+v, want %d duplicates", i, p, want)
			}
		}
		if want := []string{"a", "b dup-1 dup-2 dup-3 c"}; !slices.Equal(r.groups, want) {
			t.Errorf("flushes: got %q, want %q", r.groups, want)
		}
	})
}

func TestBatcherLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits sink.Limits
		calls  [][]string
		want   []string
	}{
		{"messages", sink.Limits{Messages: 3}, [][]string{{"b", "c"}, {"d"}, {"e", "f"}, {"g"}}, []string{"b c d", "e f g"}},
		{"no call is split", sink.Limits{Messages: 3}, [][]string{{"b", "c"}, {"d", "e"}}, []string{"b c", "d e"}},
		{"a call over the limit goes alone", sink.Limits{Messages: 3}, [][]string{{"b"}, {"c", "d", "e", "f"}, {"g"}}, []string{"b", "c d e f", "g"}},
		{"bytes", sink.Limits{Bytes: 20}, [][]string{{"b"}, {"c"}, {"d"}}, []string{"b c", "d"}},
		{"a call over the bytes goes alone", sink.Limits{Bytes: 5}, [][]string{{"b"}, {"c"}}, []string{"b", "c"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{gate: make(chan error)}
				b := sink.NewBatcher(r.flush, test.limits)
				publish(t.Context(), b, msgs("a"))
				for _, ids := range test.calls {
					publish(t.Context(), b, msgs(ids...))
				}
				close(r.gate)
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				if want := append([]string{"a"}, test.want...); !slices.Equal(r.groups, want) {
					t.Errorf("flushes: got %q, want %q", r.groups, want)
				}
			})
		})
	}
}

func TestBatcherCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan error)}
		b := sink.NewBatcher(r.flush, sink.Limits{})
		ctx, cancel := context.WithCancel(t.Context())
		inFlush, waiting := msgs("in-flush"), msgs("waiting")
		first := publish(ctx, b, inFlush)
		second := publish(ctx, b, waiting)
		third := publish(t.Context(), b, msgs("stays"))
		cancel()
		synctest.Wait()
		for _, p := range []*published{first, second} {
			if !p.done || !errors.Is(p.err, context.Canceled) {
				t.Errorf("got %+v, want context.Canceled", p)
			}
		}
		// The callers' memory is theirs again; the recorder checks what it gets.
		clear(inFlush[0].Data)
		clear(waiting[0].Data)
		close(r.gate)
		synctest.Wait()
		if !third.done || third.err != nil {
			t.Errorf("the caller that stayed: %+v", third)
		}
		if want := []string{"in-flush", "stays"}; !slices.Equal(r.groups, want) {
			t.Errorf("flushes: got %q, want %q", r.groups, want)
		}
	})
}

func TestBatcherFlushHasNothingOfItsCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		flushing := make(chan struct{})
		b := sink.NewBatcher(func(ctx context.Context, _ []sink.Message) ([]bool, error) {
			close(flushing)
			deadline, ok := ctx.Deadline()
			if !ok || time.Until(deadline) != 8*time.Second {
				t.Errorf("deadline: got %v, %v, want 8 s from now", deadline, ok)
			}
			if ctx.Value(key{}) != nil {
				t.Error("the flush has a caller's values")
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}, sink.Limits{})
		go func() {
			<-flushing
			cancel()
		}()
		if _, err := b.Publish(ctx, msgs("a")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		start := time.Now()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 8*time.Second {
			t.Errorf("the flush ended after %v, want its own 8 s", got)
		}
	})
}

func TestBatcherEndedContext(t *testing.T) {
	r := &recorder{}
	b := sink.NewBatcher(r.flush, sink.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Publish(ctx, msgs("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := b.Publish(t.Context(), nil); err != nil {
		t.Errorf("no messages: %v", err)
	}
	if len(r.groups) > 0 {
		t.Errorf("flushed %q", r.groups)
	}
}

func TestBatcherClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{gate: make(chan error)}
		b := sink.NewBatcher(r.flush, sink.Limits{})
		accepted := []*published{publish(t.Context(), b, msgs("a")), publish(t.Context(), b, msgs("b"))}
		closed := false
		go func() {
			_ = b.Close()
			closed = true
		}()
		synctest.Wait()
		if closed {
			t.Fatal("Close did not wait")
		}
		for _, list := range [][]sink.Message{msgs("late"), nil} {
			if p := publish(t.Context(), b, list); !p.done || !errors.Is(p.err, sink.ErrClosed) {
				t.Errorf("after Close: got %+v, want ErrClosed", p)
			}
		}
		close(r.gate)
		synctest.Wait()
		if !closed {
			t.Error("Close still waits")
		}
		for _, p := range accepted {
			if !p.done || p.err != nil {
				t.Errorf("accepted before Close: %+v", p)
			}
		}
		if err := b.Close(); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}

func TestBatcherManyCallers(t *testing.T) {
	var mu sync.Mutex
	stored := make(map[string]bool)
	flushes := 0
	b := sink.NewBatcher(func(_ context.Context, list []sink.Message) ([]bool, error) {
		mu.Lock()
		defer mu.Unlock()
		flushes++
		duplicates := make([]bool, len(list))
		for i, m := range list {
			duplicates[i] = stored[m.ID]
			stored[m.ID] = true
		}
		return duplicates, nil
	}, sink.Limits{Messages: 7})
	var wg sync.WaitGroup
	for caller := range 64 {
		wg.Go(func() {
			for i := range 50 {
				own, shared := fmt.Sprintf("%d-%d", caller, i), fmt.Sprintf("shared-%d", i)
				result, err := b.Publish(t.Context(), msgs(own, own, shared))
				if err != nil || result.Duplicates < 1 || result.Duplicates > 2 {
					t.Errorf("%s: got %v, %v", own, result, err)
				}
				mu.Lock()
				if !stored[own] || !stored[shared] {
					t.Errorf("%s: not stored when Publish returned", own)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if want := 64*50 + 50; len(stored) != want {
		t.Errorf("%d stored, want %d", len(stored), want)
	}
	if flushes > 64*50 {
		t.Errorf("%d flushes for %d calls", flushes, 64*50)
	}
}

func BenchmarkBatcher(b *testing.B) {
	batcher := sink.NewBatcher(func(context.Context, []sink.Message) ([]bool, error) { return nil, nil }, sink.Limits{})
	list := []sink.Message{{ID: "a", Data: make([]byte, 1000)}}
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := batcher.Publish(b.Context(), list); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
