package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrForeign means that a file is a database, but another program's.
	ErrForeign = errors.New("is the database of another program; name another file")
	// ErrNewer means that a newer version of this program has stored in a file.
	ErrNewer = errors.New("was written by a newer version of this program; update this one")
)

// applicationID marks our files (PRAGMA application_id): "DTEV" in ASCII.
const applicationID = 0x44544556

// migrations lead from one version of the schema to the next; the version is how
// many have been applied (PRAGMA user_version). One that has been released is never
// changed.
func migrations() []string {
	return []string{
		// seq is the order in which events were stored, across processes, and the
		// key of the table itself: new rows go to its end, and following is a scan
		// from a key on. AUTOINCREMENT, so that a number is never used again after
		// events were deleted; followers rely on it. id in a UNIQUE index beside it
		// instead of a WITHOUT ROWID table by id, which would move rows of a
		// kilobyte about in an index. No further indexes: they would cost a third
		// of the events per second, and queries of one machine can scan.
		`CREATE TABLE events (
			seq         INTEGER PRIMARY KEY AUTOINCREMENT,
			id          TEXT    NOT NULL UNIQUE,
			device      TEXT    NOT NULL,
			event_type  TEXT    NOT NULL,
			device_type TEXT    NOT NULL,
			project     TEXT    NOT NULL,
			recovered   INTEGER NOT NULL, -- 0 or 1
			dead_letter TEXT    NOT NULL, -- a reason code; '' for an event
			received_at INTEGER NOT NULL, -- ms since 1970
			data        BLOB    NOT NULL
		) STRICT`,
		// revision is never used again, whatever is deleted: each save is a new row.
		`CREATE TABLE checkpoints (
			revision INTEGER PRIMARY KEY AUTOINCREMENT,
			key      TEXT NOT NULL UNIQUE,
			data     BLOB NOT NULL
		) STRICT`,
	}
}

// migrateInTurn is migrate for processes that open one new file at the same time:
// each of them changes it to a write-ahead log, and for the lock of that SQLite does
// not wait, whatever the busy timeout.
func migrateInTurn(ctx context.Context, db *sql.DB) error {
	enough := time.After(5 * time.Second) // as the busy timeout
	for {
		err := migrate(ctx, db)
		if failure, ok := errors.AsType[*sqlite.Error](err); !ok || failure.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-enough:
			return err
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// migrate brings the database to the schema of this version. It begins a writing
// transaction in any case, which also shows that the file can be written to.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing after a commit
	if err := requireWAL(ctx, tx); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	steps := migrations()
	if version > len(steps) {
		return fmt.Errorf("%w: its schema is version %d, this program knows %d", ErrNewer, version, len(steps))
	}
	if version == len(steps) {
		return nil
	}
	for _, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("changing the schema: %w", err)
		}
	}
	marks := fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(steps), applicationID)
	if _, err := tx.ExecContext(ctx, marks); err != nil {
		return fmt.Errorf("marking the schema: %w", err)
	}
	return tx.Commit()
}

// schemaVersion returns 0 for a new file.
func schemaVersion(ctx context.Context, tx *sql.Tx) (int, error) {
	var application, version, tables int
	for query, to := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := tx.QueryRowContext(ctx, query).Scan(to); err != nil {
			return 0, err
		}
	}
	isNew := application == 0 && version == 0 && tables == 0
	if application != applicationID && !isNew {
		return 0, ErrForeign
	}
	return version, nil
}

// requireWAL notices the file systems where SQLite has to do without a log.
func requireWAL(ctx context.Context, tx *sql.Tx) error {
	var mode string
	if err := tx.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system takes no write-ahead log (journal mode %q); put it on a local disk", mode)
	}
	return nil
}
