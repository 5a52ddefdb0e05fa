package store

import (
	"context"
	"iter"
	"slices"
	"time"
)

// Follow returns the events that q wants, those that are stored and then new ones
// as they come, whichever process stores them. It ends without an error when ctx
// does, when it has returned q.Limit events (but see Query.Newest), or when q.Until
// has passed; after an error, which comes with a zero Record, there are no more.
func (s *Store) Follow(ctx context.Context, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		// A context that ends is how following ends, wherever it is then.
		quiet := func(r Record, err error) bool {
			if ctx.Err() != nil {
				return false
			}
			return yield(r, err)
		}
		ok := true
		if q.Newest {
			if q, ok = s.tail(ctx, q, quiet); !ok {
				return
			}
		}
		s.follow(ctx, q, quiet)
	}
}

// tail yields the newest q.Limit events, oldest first, and returns the query for
// what comes after them.
func (s *Store) tail(ctx context.Context, q Query, yield func(Record, error) bool) (Query, bool) {
	rest := q
	rest.Newest, rest.Limit = false, 0
	if q.Limit <= 0 {
		return rest, true
	}
	last, err := s.lastSeq(ctx)
	if err != nil {
		return rest, yield(Record{}, err) && false
	}
	var newest []Record
	_, ok := s.scan(ctx, q, last, func(r Record, err error) bool {
		if err != nil {
			return yield(Record{}, err)
		}
		newest = append(newest, r)
		return true
	})
	if !ok {
		return rest, false
	}
	for _, r := range slices.Backward(newest) {
		if !yield(r, nil) {
			return rest, false
		}
	}
	rest.AfterSeq = max(rest.AfterSeq, last)
	return rest, true
}

func (s *Store) follow(ctx context.Context, q Query, yield func(Record, error) bool) {
	// The highest number tells of every change, by whichever process, and costs
	// one look at the end of the table.
	poll := time.NewTicker(s.options.poll)
	defer poll.Stop()
	limited := q.Limit > 0
	for {
		changed := s.changes.wait()
		over := !q.Until.IsZero() && !s.options.now().Before(q.Until)
		last, err := s.lastSeq(ctx)
		if err != nil {
			yield(Record{}, err)
			return
		}
		if last > q.AfterSeq {
			n, more := s.scan(ctx, q, last, yield)
			if !more || limited && n == q.Limit {
				return
			}
			q.AfterSeq = last
			if limited {
				q.Limit -= n
			}
		}
		if over {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-poll.C:
		}
	}
}
