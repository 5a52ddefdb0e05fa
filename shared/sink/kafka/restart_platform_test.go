//go:build platforms

package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

const (
	restartEvents     = 10_000
	restartPublishers = 32
)

// A load publishes events one by one from many goroutines, each again until it is
// accepted, as Disruptive Technologies sends again what was not answered with 200.
type load struct {
	sink     sink.Sink
	next     atomic.Int64
	accepted sync.Map // of ids
	count    atomic.Int64
	failures atomic.Int64
	errors   sync.Map // what they said
	half     chan struct{}
}

func (l *load) run(ctx context.Context) {
	var publishers sync.WaitGroup
	for range restartPublishers {
		publishers.Go(func() {
			for i := l.next.Add(1); i <= restartEvents && ctx.Err() == nil; i = l.next.Add(1) {
				l.publish(ctx, fmt.Sprintf("event-%d", i))
			}
		})
	}
	publishers.Wait()
}

func (l *load) publish(ctx context.Context, id string) {
	for ctx.Err() == nil {
		if err := publish(ctx, l.sink, id); err != nil {
			l.failures.Add(1)
			l.errors.Store(err.Error(), true)
			continue
		}
		l.accepted.Store(id, true)
		if l.count.Add(1) == restartEvents/2 {
			close(l.half)
		}
		return
	}
}

// Every event whose Publish returned nil is there after the broker was killed.
func TestApacheKafkaRestart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	b := startBroker(t)
	c := newTopic(t, b, 3, nil)
	// Short, so that Publish fails while the broker is away.
	c.Timeout = time.Second
	l := &load{sink: open(t, c), half: make(chan struct{})}
	begin := time.Now()
	done := make(chan struct{})
	go func() { defer close(done); l.run(ctx) }()
	<-l.half
	half := time.Since(begin)
	must(t, b.Kill())
	// That the broker is away is seen by a Publish that fails.
	gone, failed := context.WithTimeout(ctx, 3*time.Second)
	defer failed()
	if err := publish(gone, l.sink, "while-away"); err == nil {
		t.Error("a broker that was killed has answered")
	}
	away := time.Now()
	must(t, b.Restart(ctx))
	start := time.Since(away)
	<-done
	took := time.Since(begin)

	msgs, err := kafkatest.Messages(ctx, c.Brokers, c.Topic)
	must(t, err)
	stored := make(map[string]int)
	for _, m := range msgs {
		stored[m.ID]++
	}
	if n := l.count.Load(); n != restartEvents {
		t.Errorf("%d of %d events were accepted", n, restartEvents)
	}
	l.accepted.Range(func(id, _ any) bool {
		if stored[id.(string)] == 0 {
			t.Errorf("%v was accepted, and is not stored", id)
		}
		return true
	})
	if l.failures.Load() == 0 {
		t.Error("no Publish failed: the broker was not away for long enough to show anything")
	}
	t.Logf("%d events from %d publishers in %v, %.0f a second before the kill; the broker started again in %v; %d Publish calls failed, %d records are duplicates",
		l.count.Load(), restartPublishers, took.Round(time.Millisecond), restartEvents/2/half.Seconds(), start.Round(time.Millisecond), l.failures.Load(), len(msgs)-len(stored))
	l.errors.Range(func(text, _ any) bool { t.Log("an error: ", text); return true })
}

// A broker that is halted lets Publish fail in time, with the context's error.
func TestApacheKafkaPaused(t *testing.T) {
	b := startBroker(t)
	c := newTopic(t, b, 1, nil)
	s := open(t, c)
	must(t, publish(t.Context(), s, "before"))
	must(t, b.Pause())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := publish(ctx, s, "paused"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	must(t, b.Resume())
	eventually(t, func() error { return publish(t.Context(), s, "after") })
	if ids := kafkaIDs(t, c.Brokers, c.Topic); !ids["before"] || !ids["after"] {
		t.Errorf("stored %v", ids)
	}
}

func kafkaIDs(t *testing.T, brokers []string, topic string) map[string]bool {
	t.Helper()
	msgs, err := kafkatest.Messages(t.Context(), brokers, topic)
	must(t, err)
	ids := make(map[string]bool)
	for _, m := range msgs {
		ids[m.ID] = true
	}
	return ids
}
