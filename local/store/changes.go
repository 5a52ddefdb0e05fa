package store

import "sync"

// changes wakes those who wait for new events of this Store.
type changes struct {
	mu    sync.Mutex
	next  chan struct{}
	ended bool
}

func (c *changes) init() { c.next = make(chan struct{}) }

// wait returns a channel that is closed at the next change.
func (c *changes) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next
}

func (c *changes) announce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		close(c.next)
		c.next = make(chan struct{})
	}
}

// end announces the last change.
func (c *changes) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.ended = true
		close(c.next)
	}
}

func (c *changes) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
