package sink

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A FlushFunc stores msgs durably: all of them, or it returns an error. It says
// for each message whether the sink had it already; nil says that for none, as
// from sinks that cannot tell. msgs and what they hold are valid during the call
// only. ctx carries a deadline and nothing of any caller. Calls do not overlap.
type FlushFunc func(ctx context.Context, msgs []Message) (duplicates []bool, err error)

// Limits bound a Batcher's groups. A field that is 0 has its default.
type Limits struct {
	Messages int           // messages in one flush, default 512
	Bytes    int           // bytes of Data in one flush, default 4 MiB
	Timeout  time.Duration // deadline of one flush, default 8 s
}

// A Batcher turns many concurrent Publish calls into few flushes (group commit),
// for sinks where a flush costs much and a message little. The first call is
// flushed at once; those that come meanwhile form the next group. There is no
// timer, so an idle sink adds no latency, and no goroutine while nothing is
// published, so a platform may freeze the process between requests.
//
// Publish and Close are those of [Sink].
type Batcher struct {
	flush  FlushFunc
	limits Limits

	mu      sync.Mutex
	waiting []*batchCall
	running bool // a goroutine is flushing
	closed  bool
	flusher sync.WaitGroup
}

// A batchCall is one Publish call that has not returned.
type batchCall struct {
	msgs   []Message
	size   int           // bytes of Data
	left   bool          // the caller has returned; guarded by Batcher.mu
	done   chan struct{} // closed when result and err are set
	result Result
	err    error
}

// NewBatcher returns a Batcher that stores messages with flush.
func NewBatcher(flush FlushFunc, limits Limits) *Batcher {
	if limits.Messages <= 0 {
		limits.Messages = 512
	}
	if limits.Bytes <= 0 {
		limits.Bytes = 4 << 20
	}
	if limits.Timeout <= 0 {
		limits.Timeout = 8 * time.Second
	}
	return &Batcher{flush: flush, limits: limits}
}

// Publish returns when the flush that holds msgs has finished; the messages of
// one call are always in one flush, even where they exceed the limits. When ctx
// ends first the error wraps ctx.Err(), and the messages may still be stored.
func (b *Batcher) Publish(ctx context.Context, msgs []Message) (Result, error) {
	c := &batchCall{msgs: msgs, done: make(chan struct{})}
	for i := range msgs {
		c.size += len(msgs[i].Data)
	}
	if err := b.enqueue(ctx, c); err != nil || len(msgs) == 0 {
		return Result{}, err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if b.leave(c) {
			return Result{}, fmt.Errorf("waiting for the sink: %w", ctx.Err())
		}
	}
	return c.result, c.err
}

// Close waits until every accepted call has been flushed.
func (b *Batcher) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.flusher.Wait()
	return nil
}

func (b *Batcher) enqueue(ctx context.Context, c *batchCall) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before publishing: %w", err)
	}
	if len(c.msgs) == 0 {
		return nil
	}
	b.waiting = append(b.waiting, c)
	if !b.running {
		b.running = true
		b.flusher.Go(b.run)
	}
	return nil
}

// leave takes c back, so that nothing refers to its messages from here on: a
// group that is being flushed has its own copy. It reports false when c is
// finished already.
func (b *Batcher) leave(c *batchCall) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-c.done:
		return false
	default:
	}
	c.left = true
	if i := slices.Index(b.waiting, c); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	return true
}

// run flushes group after group until nobody waits.
func (b *Batcher) run() {
	var g group
	for b.next(&g) {
		b.serve(&g)
	}
}

// next fills g with the calls that have waited longest, as many as the limits
// allow but at least one. It reports false when there is none.
func (b *Batcher) next(g *group) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, messages, size := 0, 0, 0
	for _, c := range b.waiting {
		if n > 0 && (messages+len(c.msgs) > b.limits.Messages || size+c.size > b.limits.Bytes) {
			break
		}
		n, messages, size = n+1, messages+len(c.msgs), size+c.size
	}
	if n == 0 {
		b.running = false
		return false
	}
	g.fill(b.waiting[:n], messages, size)
	b.waiting = slices.Delete(b.waiting, 0, n)
	return true
}
