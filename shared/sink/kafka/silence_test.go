package kafka_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

// A broker that does not answer is not waited for longer than the context says, and
// without a deadline not for ever. When it answers again the sink works.
func TestSilence(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.ApiVersions, kmsg.Metadata, kmsg.InitProducerID, kmsg.Produce} {
		t.Run(key.Name(), func(t *testing.T) {
			t.Parallel()
			c := newFake(t, 1)
			config := config(c)
			config.Timeout = time.Second
			s := open(t, config)
			stop := silence(c, key)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			begin := time.Now()
			if err := publish(ctx, s, "1"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("returned %v after its deadline of 300ms", took)
			}
			if err := publish(t.Context(), s, "2"); err == nil {
				t.Error("stored where nobody answers")
			}
			if took := time.Since(begin); took > 15*time.Second {
				t.Errorf("without a deadline Publish returned after %v", took)
			}
			stop()
			// The connection that is silent is given up first.
			eventually(t, func() error { return publish(t.Context(), s, "3") })
			if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"3"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}

// silence lets c answer no request of that kind until stop is called.
func silence(c *kfake.Cluster, key kmsg.Key) (stop func()) {
	var over atomic.Bool
	c.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, nil, !over.Load()
	})
	return func() { over.Store(true) }
}

// Brokers that are away: the error says so, beside that the time is over.
func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	s := open(t, kafka.Config{Brokers: []string{address}, Topic: topic, Timeout: time.Second})
	var refused *net.OpError
	if err := publish(t.Context(), s, "1"); !errors.As(err, &refused) {
		t.Errorf("without a deadline: got %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := publish(ctx, s, "2"); !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &refused) {
		t.Errorf("with a deadline: got %v", err)
	}
}

// Messages that nobody waits for any longer fill no more memory than 64 MiB: Publish
// waits for room, until its context ends.
func TestRoomIsBounded(t *testing.T) {
	t.Parallel()
	c := newFake(t, 1)
	config := config(c)
	config.Timeout = time.Minute
	s := open(t, config)
	must(t, publish(t.Context(), s, "first"))
	stop := silence(c, kmsg.Produce)
	for range 80 {
		large := message("large")
		large.Data = make([]byte, 1<<20)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if _, err := s.Publish(ctx, []sink.Message{large}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	stop()
	must(t, s.Close())
	// What was let in is stored, as the context's end does not take it back.
	if n := len(storedIDs(t, c.ListenAddrs())); n > 1+64 {
		t.Errorf("%d messages of 1 MiB were let in", n)
	}
}
