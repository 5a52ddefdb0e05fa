// Package batch makes sinks of AWS's batch operations, which take several messages a
// request and tell of each whether it was stored.
//
// It differs from [sink.Batcher] in that: there a group is stored or it is not, and a
// group that failed is published again whole. Here what was stored is not sent again,
// and each caller learns of its own messages.
package batch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Config says how messages become entries of a request, and how that is sent.
type Config[T any] struct {
	// Prepare turns a message into an entry and its size in bytes, as the service
	// counts it. The entry keeps no reference to the message. An error is final.
	Prepare func(m *sink.Message) (entry T, size int, err error)
	// Send sends entries in one request. The error is for all of them; the errors, nil
	// or as many as entries, are for each.
	Send func(ctx context.Context, entries []T) ([]error, error)
	// Temporary tells whether an entry that failed with err alone can be sent again at
	// once; whole requests are repeated by Send.
	Temporary func(err error) bool
	// Divisible tells whether the error of a request may be the fault of one of its
	// entries, so that they are to be sent one by one.
	Divisible func(err error) bool

	// Entries and Bytes are the most that go into one request.
	Entries, Bytes int
	// Senders is how many requests are under way at a time; 0 means 1, which keeps
	// messages in their order.
	Senders int
	// Timeout is the time that a request has with its repetitions; 0 means 7 s, since
	// an answer must be there after 8.
	Timeout time.Duration
	// Rounds is how often an entry is sent at most; 0 means 3.
	Rounds int
	// Pause returns how long to wait before the round of that number, the first
	// repetition being 1; nil means a random time that doubles.
	Pause func(round int) time.Duration
}

// A Sink is a [sink.Sink]. The first message is sent at once; those that come while
// all senders are busy wait and go together. There is no timer, and no goroutine
// while nothing is published, so Lambda may freeze the process between requests.
type Sink[T any] struct {
	config Config[T]

	mu      sync.Mutex
	waiting []*item[T]
	senders int
	closed  bool
	running sync.WaitGroup
}

// An item is one entry on its way.
type item[T any] struct {
	entry T
	size  int
	call  *call
	err   error
}

// A call is one Publish that has not returned. Its fields are guarded by Sink.mu.
type call struct {
	pending int
	errs    []error
	left    bool          // the caller has returned
	done    chan struct{} // closed when pending is 0
}

// New returns a Sink.
func New[T any](c Config[T]) *Sink[T] {
	if c.Senders <= 0 {
		c.Senders = 1
	}
	if c.Timeout <= 0 {
		c.Timeout = 7 * time.Second
	}
	if c.Rounds <= 0 {
		c.Rounds = 3
	}
	if c.Pause == nil {
		c.Pause = func(round int) time.Duration {
			return rand.N(50*time.Millisecond<<(round-1)) + time.Millisecond
		}
	}
	return &Sink[T]{config: c}
}

// Publish implements [sink.Sink]. A message that Prepare refuses keeps all of msgs
// from being sent. Duplicates are never told: AWS does not.
func (s *Sink[T]) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	c := &call{pending: len(msgs), done: make(chan struct{})}
	items := make([]*item[T], len(msgs))
	for i := range msgs {
		entry, size, err := s.config.Prepare(&msgs[i])
		if err != nil {
			return sink.Result{}, err
		}
		items[i] = &item[T]{entry: entry, size: size, call: c}
	}
	if err := s.enqueue(ctx, items); err != nil || len(items) == 0 {
		return sink.Result{}, err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		if s.leave(c) {
			return sink.Result{}, fmt.Errorf("waiting for the sink: %w", ctx.Err())
		}
	}
	return sink.Result{}, join(c.errs, len(msgs))
}

// Close waits until all that was accepted has been sent.
func (s *Sink[T]) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

func (s *Sink[T]) enqueue(ctx context.Context, items []*item[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return sink.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before publishing: %w", err)
	}
	s.waiting = append(s.waiting, items...)
	for range min(len(items), s.config.Senders-s.senders) {
		s.senders++
		s.running.Go(s.run)
	}
	return nil
}

// leave takes back what of c has not been sent. It reports false when c is finished
// already.
func (s *Sink[T]) leave(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.pending == 0 {
		return false
	}
	c.left = true
	s.waiting = slices.DeleteFunc(s.waiting, func(i *item[T]) bool { return i.call == c })
	return true
}

// join returns the errors of one call as one. It wraps ErrTooLarge only when nothing
// else is wrong: while the sink may still take a message later, it must be published
// again, not be given up as too large.
func join(errs []error, messages int) error {
	var tooLarge, other error
	for _, err := range errs {
		switch {
		case errors.Is(err, sink.ErrTooLarge):
			tooLarge = err
		case other == nil:
			other = err
		}
	}
	err := other
	if err == nil {
		err = tooLarge
	}
	if err != nil && messages > 1 {
		return fmt.Errorf("%d of %d messages not stored: %w", len(errs), messages, err)
	}
	return err
}
