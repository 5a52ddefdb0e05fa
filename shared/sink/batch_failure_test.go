package sink_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

var errPoison = errors.New("cannot take this message")

func TestBatcherPoisonFailsItsCallerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		flushes := 0
		b := sink.NewBatcher(func(_ context.Context, list []sink.Message) ([]bool, error) {
			<-gate
			flushes++
			duplicates := make([]bool, len(list))
			for i, m := range list {
				switch m.ID {
				case "poison":
					return duplicates, errPoison
				case "panic":
					panic("cannot handle this message")
				}
				duplicates[i] = m.ID == "dup"
			}
			return duplicates, nil
		}, sink.Limits{})
		ctx, cancel := context.WithCancel(t.Context())
		calls := []*published{
			publish(t.Context(), b, msgs("first")),
			publish(t.Context(), b, msgs("b", "dup")),
			publish(t.Context(), b, msgs("poison")),
			publish(t.Context(), b, msgs("panic")),
			publish(ctx, b, msgs("gone")),
			publish(t.Context(), b, msgs("c")),
		}
		gate <- struct{}{} // lets the first flush go
		synctest.Wait()
		cancel() // the caller leaves while its group is flushed
		synctest.Wait()
		close(gate)
		synctest.Wait()
		for i, p := range calls {
			ok := p.done && p.err == nil
			switch i {
			case 1:
				ok = ok && p.result.Duplicates == 1
			case 2:
				ok = p.done && errors.Is(p.err, errPoison) && p.result.Duplicates == 0
			case 3:
				ok = p.done && p.err != nil && strings.Contains(p.err.Error(), "cannot handle this message")
			case 4:
				ok = p.done && errors.Is(p.err, context.Canceled)
			}
			if !ok {
				t.Errorf("call %d: %+v", i, p)
			}
		}
		// The first, the group, and each of its callers but the one that left.
		if want := 1 + 1 + 4; flushes != want {
			t.Errorf("%d flushes, want %d", flushes, want)
		}
	})
}

func TestBatcherDoesNotRepeatWhatTookTooLong(t *testing.T) {
	tests := []struct {
		name string
		err  func(ctx context.Context) error
	}{
		{"deadline", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{"error of its own after the deadline", func(ctx context.Context) error { <-ctx.Done(); return errPoison }},
		{"cancelled inside", func(context.Context) error { return fmt.Errorf("query: %w", context.Canceled) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				flushes, gate := 0, make(chan struct{})
				b := sink.NewBatcher(func(ctx context.Context, _ []sink.Message) ([]bool, error) {
					flushes++
					if flushes == 1 {
						<-gate
						return nil, nil
					}
					return nil, test.err(ctx)
				}, sink.Limits{Timeout: time.Second})
				publish(t.Context(), b, msgs("first"))
				second, third := publish(t.Context(), b, msgs("a")), publish(t.Context(), b, msgs("b"))
				close(gate)
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if second.err == nil || third.err == nil || flushes != 2 {
					t.Errorf("got %v and %v after %d flushes, want errors after 2", second.err, third.err, flushes)
				}
			})
		})
	}
}

// The callers of a failed group share its deadline: nobody waits longer because
// others were in the same group.
func TestBatcherRepeatsUnderOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		b := sink.NewBatcher(func(ctx context.Context, list []sink.Message) ([]bool, error) {
			switch {
			case list[0].ID == "first":
				<-gate
				return nil, nil
			case len(list) > 1:
				return nil, errPoison
			}
			select {
			case <-time.After(400 * time.Millisecond):
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}, sink.Limits{Timeout: time.Second})
		publish(t.Context(), b, msgs("first"))
		var calls []*published
		for _, id := range []string{"a", "b", "c", "d"} {
			calls = append(calls, publish(t.Context(), b, msgs(id)))
		}
		start := time.Now()
		close(gate)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want 1 s", took)
		}
		for i, p := range calls {
			if late := i >= 2; late != errors.Is(p.err, context.DeadlineExceeded) {
				t.Errorf("call %d: got %v", i, p.err)
			}
		}
	})
}

func TestBatcherRefusesWrongCount(t *testing.T) {
	b := sink.NewBatcher(func(context.Context, []sink.Message) ([]bool, error) { return []bool{true}, nil }, sink.Limits{})
	if result, err := b.Publish(t.Context(), msgs("a", "b")); err == nil || result.Duplicates != 0 {
		t.Errorf("got %v, %v, want an error", result, err)
	}
}
