package postgres

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// MaxData is the longest event, in bytes, that a Sink takes. The receiver's
	// limit is far below; PostgreSQL's own, 1 GB, would take the memory of the
	// whole server.
	MaxData = 8 << 20
	// maxText is the longest id, in bytes. An entry of an index has at most 2,704
	// (PostgreSQL, "B-Tree Indexes"); DT's ids have 20.
	maxText = 1024
	// flushTimeout leaves a request of 8 s the time to answer. The server's own
	// limit of a statement, its waiting for locks included, is less (limits), so
	// that the error says what it waited for.
	flushTimeout = 7 * time.Second
)

// A Sink stores events. It is a [sink.Sink], and safe for concurrent use.
type Sink struct {
	database *database
	batcher  *sink.Batcher
}

// Sink opens the sink that u names. It connects on its first use. It is a
// [sink.OpenFunc].
func (o Opener) Sink(_ context.Context, u *url.URL) (sink.Sink, error) {
	d, err := o.database(u)
	if err != nil {
		return nil, err
	}
	s := &Sink{database: d}
	s.batcher = sink.NewBatcher(s.flush, sink.Limits{Timeout: flushTimeout})
	return s, nil
}

// Publish stores msgs that are not stored yet, all in one transaction, and returns
// after its commit. A message without an ID is an error, since it could not be told
// from another.
//
// When the connection is lost while they are stored it tries once more. A message
// that the first try has stored is then counted as a duplicate.
func (s *Sink) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	for i := range msgs {
		switch m := &msgs[i]; {
		case m.ID == "":
			return sink.Result{}, fmt.Errorf("postgres: message %d has no ID", i)
		case len(m.ID) > maxText:
			return sink.Result{}, fmt.Errorf("postgres: message %d has an ID of %d bytes, and %d is the most: %w", i, len(m.ID), maxText, sink.ErrTooLarge)
		case len(m.Data) > MaxData:
			return sink.Result{}, fmt.Errorf("postgres: message %d has %d bytes, and %d is the most: %w", i, len(m.Data), MaxData, sink.ErrTooLarge)
		}
	}
	return s.batcher.Publish(ctx, msgs)
}

// Ping returns nil when the sink could store now.
func (s *Sink) Ping(ctx context.Context) error { return s.database.Ping(ctx) }

// Close waits for what is being published and closes the connections.
func (s *Sink) Close() error {
	err := s.batcher.Close()
	s.database.close()
	return err
}

func (s *Sink) flush(ctx context.Context, msgs []sink.Message) ([]bool, error) {
	var duplicates []bool
	err := s.database.use(ctx, func(pool *pgxpool.Pool) error {
		return again(ctx, pool, func() (err error) {
			duplicates, err = insert(ctx, pool, msgs)
			return err
		})
	})
	if err != nil {
		return nil, s.database.explain(err)
	}
	return duplicates, nil
}

// limits are the settings of one transaction: a session's own would stay behind in
// a pooler's connection. A commit must be on the disk, also where the database is
// set to answer earlier.
const limits = `SELECT set_config('statement_timeout', '5s', true),
	set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`

// insertEvents takes arrays, so that its text is the same for any number of events.
// In the order of ids two instances that store the same events wait for each other,
// and never both at once.
const insertEvents = `INSERT INTO dt_events (id, device, event_type, device_type, project, recovered, dead_letter, data, raw)
SELECT id, device, event_type, device_type, project, recovered, dead_letter,
	CASE WHEN is_json THEN convert_from(content, 'UTF8')::json END,
	CASE WHEN NOT is_json THEN content END
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::boolean[], $9::bytea[])
	AS e (id, device, event_type, device_type, project, recovered, dead_letter, is_json, content)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id`

// insert stores msgs in one transaction and one round trip, and says which of them
// were there before.
func insert(ctx context.Context, pool *pgxpool.Pool, msgs []sink.Message) ([]bool, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	c := newColumns(msgs)
	params, err := c.params(conn.Conn().TypeMap())
	if err != nil {
		return nil, err
	}
	var batch pgconn.Batch // statements of one batch are one transaction
	batch.ExecParams(limits, nil, nil, nil, nil)
	batch.ExecParams(insertEvents, params.values, params.types, params.formats, nil)
	// Only after the last result is the transaction committed.
	results, err := conn.Conn().PgConn().ExecBatch(ctx, &batch).ReadAll()
	if err != nil {
		return nil, err
	}
	stored := make(map[string]bool, len(msgs))
	for _, row := range results[1].Rows {
		stored[string(row[0])] = true
	}
	duplicates := make([]bool, len(msgs))
	for i, id := range c.ids {
		duplicates[i] = !stored[id]
		delete(stored, id) // the same once more in msgs is a duplicate
	}
	return duplicates, nil
}
