package sink

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
)

// A group is what is flushed together. Its memory is used again for the next.
type group struct {
	calls []*batchCall
	msgs  []Message
	data  []byte // the bytes of msgs
}

// fill copies the messages of calls. A caller that leaves while they are being
// flushed may use its bytes again.
func (g *group) fill(calls []*batchCall, messages, size int) {
	g.calls = append(g.calls[:0], calls...)
	g.msgs = slices.Grow(g.msgs[:0], messages)
	g.data = slices.Grow(g.data[:0], size)
	for _, c := range calls {
		for _, m := range c.msgs {
			start := len(g.data)
			g.data = append(g.data, m.Data...)
			m.Data = g.data[start:len(g.data):len(g.data)]
			g.msgs = append(g.msgs, m)
		}
		c.msgs = g.msgs[len(g.msgs)-len(c.msgs):]
	}
}

// serve flushes g and tells its callers.
func (b *Batcher) serve(g *group) {
	ctx, cancel := context.WithTimeout(context.Background(), b.limits.Timeout)
	defer cancel()
	duplicates, err := b.flushSafely(ctx, g.msgs)
	if err != nil && len(g.calls) > 1 && ctx.Err() == nil && !isContextError(err) {
		// One message that the sink cannot take must not fail the others, now
		// and each time they are sent again together.
		b.serveEach(ctx, g)
		return
	}
	at := 0
	for _, c := range g.calls {
		n := len(c.msgs)
		if duplicates != nil {
			c.result.Duplicates = count(duplicates[at : at+n])
		}
		at += n
		c.finish(err)
	}
}

// serveEach flushes each call of g on its own, under one deadline.
func (b *Batcher) serveEach(ctx context.Context, g *group) {
	for _, c := range g.calls {
		if b.hasLeft(c) {
			continue
		}
		err := ctx.Err()
		if err == nil {
			var duplicates []bool
			duplicates, err = b.flushSafely(ctx, c.msgs)
			c.result.Duplicates = count(duplicates)
		}
		c.finish(err)
	}
}

func (b *Batcher) hasLeft(c *batchCall) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return c.left
}

func (b *Batcher) flushSafely(ctx context.Context, msgs []Message) (duplicates []bool, err error) {
	defer panicToError(&err)
	duplicates, err = b.flush(ctx, msgs)
	if err == nil && duplicates != nil && len(duplicates) != len(msgs) {
		err = fmt.Errorf("the sink told of %d messages, but was given %d", len(duplicates), len(msgs))
	}
	if err != nil {
		return nil, err
	}
	return duplicates, nil
}

// panicToError is deferred in goroutines that work for callers, where a panic
// would end the process and with it every request.
func panicToError(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic in the sink: %v\n%s", p, debug.Stack())
	}
}

// finish lets the caller of c return.
func (c *batchCall) finish(err error) {
	c.err = err
	close(c.done)
}

func count(flags []bool) int {
	n := 0
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
