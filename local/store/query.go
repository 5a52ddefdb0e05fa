package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A Record is a stored event.
type Record struct {
	// Seq is the event's number, in the order of storing. Later is higher;
	// numbers may be missing.
	Seq int64
	// ReceivedAt is when the event was stored, to the millisecond, in UTC.
	ReceivedAt time.Time
	sink.Message
}

// A Query says which events are wanted. The zero Query means all, oldest first.
type Query struct {
	Types    []string  // event types; empty means all
	Devices  []string  // device ids; empty means all
	Projects []string  // project ids; empty means all
	Since    time.Time // received at or after this; zero means from the beginning
	Until    time.Time // received before this; zero means to the end
	AfterSeq int64     // with a higher number than this
	Limit    int       // at most so many; 0 means no limit
	// Newest means newest first. For Follow it means to begin with the newest
	// Limit events, oldest first, and to go on without a limit.
	Newest bool
}

// pageSize is how many rows are read in one go. Between pages no transaction is
// open: one that stays open while a reader takes its time would keep the log from
// being moved into the file, and it would grow without end.
const pageSize = 64

// Query returns the events that are stored when the iteration begins. After an
// error, which comes with a zero Record, there are no more.
func (s *Store) Query(ctx context.Context, q Query) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		last, err := s.lastSeq(ctx)
		if err != nil {
			yield(Record{}, err)
			return
		}
		s.scan(ctx, q, last, yield)
	}
}

// Count returns how many events are stored.
func (s *Store) Count(ctx context.Context) (int64, error) {
	var n int64
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM events").Scan(&n); err != nil {
		return 0, s.readError(err)
	}
	return n, nil
}

func (s *Store) lastSeq(ctx context.Context) (int64, error) {
	if s.changes.hasEnded() {
		return 0, s.readError(sink.ErrClosed)
	}
	var last int64
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM events").Scan(&last); err != nil {
		return 0, s.readError(err)
	}
	return last, nil
}

// scan yields what q wants of the events up to last. It reports whether to go on,
// and how many events it has yielded.
func (s *Store) scan(ctx context.Context, q Query, last int64, yield func(Record, error) bool) (n int, more bool) {
	for {
		size := pageSize
		if q.Limit > 0 {
			size = min(size, q.Limit-n)
		}
		page, err := s.page(ctx, q, last, size)
		if err != nil {
			yield(Record{}, err)
			return n, false
		}
		for _, r := range page {
			n++
			if !yield(r, nil) {
				return n, false
			}
		}
		if len(page) < size || n == q.Limit {
			return n, true
		}
		if q.Newest {
			last = page[len(page)-1].Seq - 1
		} else {
			q.AfterSeq = page[len(page)-1].Seq
		}
	}
}

// page returns the first size events that q wants of those up to last.
func (s *Store) page(ctx context.Context, q Query, last int64, size int) ([]Record, error) {
	query, args := q.sql(last, size)
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.readError(err)
	}
	defer rows.Close()
	var page []Record
	for rows.Next() {
		var r Record
		var receivedAt int64
		a := &r.Attributes
		err := rows.Scan(&r.Seq, &r.ID, &r.Key, &a.EventType, &a.DeviceType, &a.ProjectID,
			&a.Recovered, &a.DeadLetter, &receivedAt, &r.Data)
		if err != nil {
			return nil, s.readError(err)
		}
		r.ReceivedAt = time.UnixMilli(receivedAt).UTC()
		page = append(page, r)
	}
	if err := rows.Err(); err != nil {
		return nil, s.readError(err)
	}
	return page, nil
}

func (q Query) sql(last int64, size int) (text string, args []any) {
	var b strings.Builder
	b.WriteString(`SELECT seq, id, device, event_type, device_type, project, recovered, dead_letter, received_at, data
		FROM events WHERE seq > ? AND seq <= ?`)
	args = append(args, q.AfterSeq, last)
	for _, in := range []struct {
		column string
		values []string
	}{{"event_type", q.Types}, {"device", q.Devices}, {"project", q.Projects}} {
		if len(in.values) == 0 {
			continue
		}
		b.WriteString(" AND " + in.column + " IN (?" + strings.Repeat(", ?", len(in.values)-1) + ")")
		for _, value := range in.values {
			args = append(args, value)
		}
	}
	if !q.Since.IsZero() {
		b.WriteString(" AND received_at >= ?")
		args = append(args, q.Since.UnixMilli())
	}
	if !q.Until.IsZero() {
		b.WriteString(" AND received_at < ?")
		args = append(args, q.Until.UnixMilli())
	}
	b.WriteString(" ORDER BY seq")
	if q.Newest {
		b.WriteString(" DESC")
	}
	b.WriteString(" LIMIT ?")
	return b.String(), append(args, size)
}

func (s *Store) readError(err error) error {
	if s.changes.hasEnded() {
		err = sink.ErrClosed
	}
	return fmt.Errorf("store %s: reading: %w", s.path, explain(err))
}
