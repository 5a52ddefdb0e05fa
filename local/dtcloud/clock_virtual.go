package dtcloud

import (
	"context"
	"sync"
	"time"
)

// VirtualClock is a clock on which only waiting takes time: when nothing holds
// it, it jumps to the next time that is waited for. Days pass in milliseconds,
// in the same order as they would have.
type VirtualClock struct {
	mu      sync.Mutex
	now     time.Time
	busy    int // holds, and waiters that are not waiting
	waiting map[*virtualWaiter]bool
}

// NewVirtualClock returns a virtual clock that shows start.
func NewVirtualClock(start time.Time) *VirtualClock {
	return &VirtualClock{now: start.UTC(), waiting: make(map[*virtualWaiter]bool)}
}

// Now implements Clock.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Hold implements Clock.
func (c *VirtualClock) Hold() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy++
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rest()
	})
}

// NewWaiter implements Clock.
func (c *VirtualClock) NewWaiter() Waiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy++
	return &virtualWaiter{clock: c, resume: make(chan struct{}, 1)}
}

// rest ends one hold and, if it was the last, jumps. c.mu is held.
func (c *VirtualClock) rest() {
	c.busy--
	if c.busy > 0 {
		return
	}
	var next time.Time
	for w := range c.waiting {
		if !w.until.IsZero() && (next.IsZero() || w.until.Before(next)) {
			next = w.until
		}
	}
	if next.IsZero() {
		return
	}
	if next.After(c.now) {
		c.now = next
	}
	for w := range c.waiting {
		if !w.until.IsZero() && !w.until.After(c.now) {
			w.leave()
			w.resume <- struct{}{}
		}
	}
}

// virtualWaiter's fields are guarded by the clock's mutex.
type virtualWaiter struct {
	clock   *VirtualClock
	until   time.Time
	woken   bool          // by Wake, while not waiting
	stopped bool          // by Stop
	resume  chan struct{} // sent to once for every leave that Wait did not do itself
}

// leave ends the waiting: from here on the waiter holds the clock.
func (w *virtualWaiter) leave() {
	delete(w.clock.waiting, w)
	w.clock.busy++
}

func (w *virtualWaiter) Wait(ctx context.Context, until time.Time) error {
	c := w.clock
	c.mu.Lock()
	if w.woken || ctx.Err() != nil || !until.IsZero() && !until.After(c.now) {
		w.woken = false
		c.mu.Unlock()
		return ctx.Err()
	}
	w.until = until
	c.waiting[w] = true
	c.rest()
	c.mu.Unlock()

	select {
	case <-w.resume:
		return ctx.Err()
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting[w] {
		w.leave()
	} else {
		<-w.resume
	}
	return ctx.Err()
}

func (w *virtualWaiter) Wake() {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	if !w.clock.waiting[w] {
		w.woken = true
		return
	}
	w.leave()
	w.resume <- struct{}{}
}

func (w *virtualWaiter) Stop() {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	if !w.stopped {
		w.stopped = true
		w.clock.rest()
	}
}
