package publish_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/dt-functions/dt-functions/azure/publish"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// A broker keeps messages in memory.
type broker struct {
	mu     sync.Mutex
	stored []sink.Message
}

func (b *broker) store(_ context.Context, m *sink.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	copied := *m
	copied.Data = bytes.Clone(m.Data)
	b.stored = append(b.stored, copied)
	return nil
}

func TestConformance(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{
		New: func(*testing.T) sinktest.Backend {
			var b broker
			return sinktest.Backend{
				Open: func(context.Context) (sink.Sink, error) { return publish.New(b.store), nil },
				Stored: func(context.Context) ([]sink.Message, error) {
					b.mu.Lock()
					defer b.mu.Unlock()
					return b.stored, nil
				},
			}
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true,
	})
}

// Several messages are under way at a time, and not all of them.
func TestConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		release := make(chan struct{})
		s := publish.New(func(context.Context, *sink.Message) error {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-release
			running.Add(-1)
			return nil
		})
		done := make(chan error)
		go func() {
			_, err := s.Publish(t.Context(), make([]sink.Message, 100))
			done <- err
		}()
		synctest.Wait()
		if n := running.Load(); n != 16 {
			t.Errorf("%d under way, want 16", n)
		}
		close(release)
		if err := <-done; err != nil || most.Load() != 16 {
			t.Errorf("%v, at most %d at a time", err, most.Load())
		}
	})
}

// After an error nothing new is begun.
func TestStopsAfterAnError(t *testing.T) {
	failed := errors.New("marker")
	var calls atomic.Int64
	s := publish.New(func(context.Context, *sink.Message) error {
		calls.Add(1)
		return failed
	})
	if _, err := s.Publish(t.Context(), make([]sink.Message, 1000)); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if n := calls.Load(); n > 16 {
		t.Errorf("%d messages were tried", n)
	}
}

func TestPanicIsAnError(t *testing.T) {
	s := publish.New(func(_ context.Context, m *sink.Message) error {
		if m.ID == "bad" {
			panic("marker")
		}
		return nil
	})
	for _, msgs := range [][]sink.Message{{{ID: "bad"}}, {{ID: "a"}, {ID: "bad"}, {ID: "b"}}} {
		if _, err := s.Publish(t.Context(), msgs); err == nil || !strings.Contains(err.Error(), "panic in the sink: marker") {
			t.Errorf("error %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
