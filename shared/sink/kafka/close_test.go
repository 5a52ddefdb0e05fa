package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink"
)

func TestCloseUnused(t *testing.T) {
	s := open(t, config(newFake(t, 1)))
	for range 2 {
		must(t, s.Close())
	}
	if err := publish(t.Context(), s, "1"); !errors.Is(err, sink.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Publish(t.Context(), nil); !errors.Is(err, sink.ErrClosed) {
		t.Errorf("of nothing: got %v", err)
	}
}

// Close waits for the Publish that is under way, and every Close does.
func TestCloseWaits(t *testing.T) {
	c := newFake(t, 1)
	s := open(t, config(c))
	asked, answer := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(asked) })
	c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		once()
		c.SleepControl(func() { <-answer })
		return nil, nil, false
	})
	var calls sync.WaitGroup
	calls.Go(func() {
		if err := publish(t.Context(), s, "1"); err != nil {
			t.Error(err)
		}
	})
	<-asked
	closed := make(chan struct{}, 2)
	for range cap(closed) {
		calls.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			closed <- struct{}{}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	eventually(t, func() error { // until Close has begun
		if err := publish(ended, s, "2"); !errors.Is(err, sink.ErrClosed) {
			return fmt.Errorf("while closing: %w", err)
		}
		return nil
	})
	select {
	case <-closed:
		t.Error("Close has not waited")
	default:
	}
	close(answer)
	calls.Wait()
	if got := storedIDs(t, c.ListenAddrs()); !slices.Contains(got, "1") {
		t.Errorf("stored %q", got)
	}
}

// What nobody waits for any longer is stored before Close has returned, or never.
func TestCloseEndsWhatWasLeft(t *testing.T) {
	c := newFake(t, 1)
	config := config(c)
	config.Timeout = time.Second
	s := open(t, config)
	must(t, publish(t.Context(), s, "1"))
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	ctx, cancel := context.WithCancel(t.Context())
	var left sync.WaitGroup
	left.Go(func() {
		if err := publish(ctx, s, "left"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	must(t, fault.Wait(t.Context(), 1))
	cancel()
	left.Wait()
	begin := time.Now()
	must(t, s.Close())
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
	fault.Remove()
	if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"1"}) {
		t.Errorf("stored %q", got)
	}
}
