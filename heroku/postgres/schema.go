package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	// ErrNewer means that a newer version of this program has changed the
	// database's tables.
	ErrNewer = errors.New("its tables are those of a newer version of this program; update this one")
	// ErrEncoding means that the database cannot hold every text.
	ErrEncoding = errors.New("its encoding is not UTF8; make a database with ENCODING 'UTF8'")
)

// migrations lead from one version of the schema to the next; the version is how
// many have been applied. One that has been released is never changed.
//
// The tables are found by the search_path of the database's user, so that several
// bundles can share a database, each in a schema of its own.
func migrations() []string {
	return []string{events, checkpoints}
}

// events has one index for the key and one of a few kilobytes to find a time by.
// More would cost events per second and disk, and depend on what is asked: the
// documentation has examples.
//
// There is no running number, as the SQLite store has one. In PostgreSQL numbers
// are not committed in their order, and whoever asked for those above the last one
// seen would miss events.
//
// data is json and not jsonb, which would change the bytes: order, spaces, numbers
// and names that stand twice. What PostgreSQL could not read as JSON is in raw.
const events = `
CREATE TABLE dt_events (
	id          text        NOT NULL PRIMARY KEY,
	device      text        NOT NULL,
	event_type  text        NOT NULL,
	device_type text        NOT NULL,
	project     text        NOT NULL,
	recovered   boolean     NOT NULL,
	dead_letter text        NOT NULL,
	received_at timestamptz NOT NULL DEFAULT now(),
	data        json,
	raw         bytea,
	CHECK (num_nonnulls(data, raw) = 1)
);
CREATE INDEX dt_events_received_at ON dt_events USING brin (received_at);
COMMENT ON TABLE dt_events IS 'Events of DT Data Connectors, written by dt-functions';
COMMENT ON COLUMN dt_events.dead_letter IS 'why the event could not be handled; empty for an event';
COMMENT ON COLUMN dt_events.data IS 'the event as it was encoded, byte for byte; NULL when it is in raw';
COMMENT ON COLUMN dt_events.raw IS 'what is not JSON that PostgreSQL can read; NULL when it is in data';

CREATE VIEW dt_readings AS
SELECT id, received_at, device, device_type, project, event_type, recovered,
	CASE WHEN body #>> '{event,timestamp}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$'
		THEN (body #>> '{event,timestamp}')::timestamptz END AS occurred_at,
	body -> 'labels' ->> 'name' AS name,
	body -> 'labels' AS labels,
	body #> ARRAY['event', 'data', event_type] AS reading
FROM (
	SELECT e.*, CASE WHEN data ->> 'specversion' IS NULL THEN data ELSE data -> 'data' END AS body
	FROM dt_events e
	WHERE dead_letter = '' AND data IS NOT NULL
) AS event;
COMMENT ON VIEW dt_readings IS 'One row an event, whichever DT_ENCODING it came in';
`

// checkpoints has revisions from a sequence: one that was used is never used again,
// even after a row was deleted by hand. Keys are bytes: they may be any text, also
// one that the type text does not take.
const checkpoints = `
CREATE TABLE dt_checkpoints (
	key      bytea  NOT NULL PRIMARY KEY,
	revision bigint NOT NULL,
	data     bytea  NOT NULL
);
CREATE SEQUENCE dt_checkpoint_revision OWNED BY dt_checkpoints.revision;
COMMENT ON TABLE dt_checkpoints IS 'How far the function recover of dt-functions has come';
`

// migrate brings the database to the schema of this version. Once it is there, it
// takes no right to create anything.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	if version, err := schemaVersion(ctx, pool); err != nil || version == len(migrations()) {
		return err
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// Instances that start at the same time go one after the other.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock("+lockKey("migrations")+")"); err != nil {
			return err
		}
		version, err := schemaVersion(ctx, tx)
		if err != nil || version == len(migrations()) {
			return err
		}
		for _, step := range migrations()[version:] {
			// Several statements in one go, and nothing of them kept.
			if _, err := tx.Exec(ctx, step, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("changing the schema: %w", err)
			}
		}
		return setVersion(ctx, tx)
	})
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaVersion returns how many migrations have been applied.
func schemaVersion(ctx context.Context, q querier) (int, error) {
	var encoding string
	var there bool
	// Without the look into pg_class the server would answer out of a cache, as it
	// was before another instance made the table.
	const query = "SELECT current_setting('server_encoding'), EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('dt_schema'))"
	err := q.QueryRow(ctx, query).Scan(&encoding, &there)
	switch {
	case err != nil:
		return 0, err
	case encoding != "UTF8":
		return 0, ErrEncoding
	case !there:
		return 0, nil
	}
	var version int
	if err := q.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM dt_schema").Scan(&version); err != nil {
		return 0, err
	}
	if known := len(migrations()); version > known {
		return 0, fmt.Errorf("%w (version %d; this program knows %d)", ErrNewer, version, known)
	}
	return version, nil
}

func setVersion(ctx context.Context, tx pgx.Tx) error {
	const table = "CREATE TABLE IF NOT EXISTS dt_schema (version integer NOT NULL PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
	if _, err := tx.Exec(ctx, table); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO dt_schema (version) VALUES ($1)", len(migrations()))
	return err
}

// lockKey returns the SQL of an advisory lock's number, which belongs to the whole
// database: the schema keeps apart bundles that share one.
func lockKey(name string) string {
	return "hashtextextended('dt-functions ' || coalesce(current_schema(), '') || ' " + name + "', 0)"
}
