package batch

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// run sends group after group until nothing waits.
func (s *Sink[T]) run() {
	for {
		group := s.next()
		if group == nil {
			return
		}
		s.serve(group)
	}
}

// next takes what has waited longest, as much as goes into one request. It returns
// nil when there is nothing.
func (s *Sink[T]) next() []*item[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, size := 0, 0
	for _, i := range s.waiting {
		if n == s.config.Entries || n > 0 && size+i.size > s.config.Bytes {
			break
		}
		n, size = n+1, size+i.size
	}
	if n == 0 {
		s.senders--
		return nil
	}
	group := slices.Clone(s.waiting[:n])
	s.waiting = slices.Delete(s.waiting, 0, n)
	return group
}

// serve sends a group, and again what of it fails for a while.
func (s *Sink[T]) serve(group []*item[T]) {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Timeout)
	defer cancel()
	for round := 1; ; round++ {
		s.send(ctx, group)
		var again []*item[T]
		for _, i := range group {
			if i.err != nil && round < s.config.Rounds && s.temporary(i.err) && !s.hasLeft(i) {
				again = append(again, i)
			} else {
				s.finish(i)
			}
		}
		if len(again) == 0 {
			return
		}
		if !wait(ctx, s.config.Pause(round)) {
			for _, i := range again {
				s.finish(i)
			}
			return
		}
		group = again
	}
}

// send sends a group once and notes the error of each. When the request as a whole is
// refused for what it is, one entry may be at fault: then each goes on its own, so
// that it cannot fail the others, now and each time they are sent again together.
func (s *Sink[T]) send(ctx context.Context, group []*item[T]) {
	entries := make([]T, len(group))
	for n, i := range group {
		entries[n] = i.entry
	}
	errs, err := s.sendSafely(ctx, entries)
	if err != nil && len(group) > 1 && s.config.Divisible(err) {
		for n := range group {
			s.send(ctx, group[n:n+1])
		}
		return
	}
	for n, i := range group {
		switch {
		case err != nil:
			i.err = wholeRequest{err}
		case errs != nil:
			i.err = errs[n]
		default:
			i.err = nil
		}
	}
}

// wholeRequest marks the error of a request, which Send has repeated already.
type wholeRequest struct{ error }

func (w wholeRequest) Unwrap() error { return w.error }

func (s *Sink[T]) sendSafely(ctx context.Context, entries []T) (errs []error, err error) {
	defer func() {
		// A panic in this goroutine would end the process, and every request with it.
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the sink: %v\n%s", p, debug.Stack())
		}
	}()
	errs, err = s.config.Send(ctx, entries)
	if err == nil && errs != nil && len(errs) != len(entries) {
		err = fmt.Errorf("the sink told of %d messages, but was given %d", len(errs), len(entries))
	}
	return errs, err
}

func (s *Sink[T]) hasLeft(i *item[T]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.call.left
}

// finish notes what became of an item, and lets its caller return after the last.
func (s *Sink[T]) finish(i *item[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := i.call
	if i.err != nil {
		c.errs = append(c.errs, i.err)
	}
	if c.pending--; c.pending == 0 {
		close(c.done)
	}
}

// wait waits for d. It reports false when ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// temporary reports whether an entry is worth another round.
func (s *Sink[T]) temporary(err error) bool {
	_, whole := err.(wholeRequest)
	return !whole && s.config.Temporary(err)
}
