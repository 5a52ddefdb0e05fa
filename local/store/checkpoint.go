package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// checkpoints keeps documents in the file of a store.
type checkpoints struct {
	store *Store

	mu     sync.RWMutex // held for reading while the store is in use
	closed bool
}

// OpenCheckpoint opens the checkpoints in the store that u names, such as
// sqlite:///data/events.db; it may be one that is open as a sink. It is a
// [checkpoint.OpenFunc].
func OpenCheckpoint(ctx context.Context, u *url.URL) (checkpoint.Store, error) {
	path, err := sink.FilePath(u)
	if err != nil {
		return nil, err
	}
	s, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &checkpoints{store: s}, nil
}

// Load implements [checkpoint.Store].
func (c *checkpoints) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return checkpoint.Document{}, checkpoint.ErrClosed
	}
	if err := checkpoint.CheckKey(key); err != nil {
		return checkpoint.Document{}, err
	}
	d, err := c.load(ctx, key)
	if err != nil {
		return checkpoint.Document{}, c.fault(ctx, "loading", key, err)
	}
	return d, nil
}

func (c *checkpoints) load(ctx context.Context, key string) (checkpoint.Document, error) {
	// What is in a file that was removed is no checkpoint any more.
	if err := c.store.checkFile(); err != nil {
		return checkpoint.Document{}, err
	}
	var revision int64
	var data []byte
	err := c.store.read.QueryRowContext(ctx, "SELECT revision, data FROM checkpoints WHERE key = ?", key).Scan(&revision, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return checkpoint.Document{}, nil
	}
	if err != nil {
		return checkpoint.Document{}, err
	}
	if data == nil {
		data = []byte{} // there is a document, of no bytes
	}
	return checkpoint.Document{Data: data, Revision: strconv.FormatInt(revision, 10)}, nil
}

// Save implements [checkpoint.Store].
func (c *checkpoints) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return "", checkpoint.ErrClosed
	}
	if err := checkpoint.CheckSave(key, data); err != nil {
		return "", err
	}
	next, err := c.save(ctx, key, data, revision)
	if err != nil {
		return "", c.fault(ctx, "saving", key, err)
	}
	return next, nil
}

const (
	deleteCheckpoint = `DELETE FROM checkpoints WHERE key = ? AND CAST(revision AS TEXT) = ?`
	insertCheckpoint = `INSERT INTO checkpoints (key, data) VALUES (?, ?)
		ON CONFLICT (key) DO NOTHING RETURNING revision`
)

func (c *checkpoints) save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := c.store.checkFile(); err != nil {
		return "", err
	}
	tx, err := c.store.write.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback() // nothing after a commit
	if revision != "" {
		done, err := tx.ExecContext(ctx, deleteCheckpoint, key, revision)
		if err != nil {
			return "", err
		}
		if n, err := done.RowsAffected(); err != nil {
			return "", err
		} else if n == 0 {
			return "", checkpoint.ErrConflict
		}
	}
	if data == nil {
		data = []byte{} // nil would be NULL
	}
	var next int64
	err = tx.QueryRowContext(ctx, insertCheckpoint, key, data).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return "", checkpoint.ErrConflict
	}
	if err != nil {
		return "", err
	}
	if err := tx.Commit(); err != nil {
		return "", err
	}
	return strconv.FormatInt(next, 10), nil
}

// Close implements [checkpoint.Store]. It waits for what is under way.
func (c *checkpoints) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.store.Close()
}

func (c *checkpoints) fault(ctx context.Context, doing, key string, err error) error {
	// When ctx ends in the midst of a transaction, what fails may be that it has been
	// rolled back, or that SQLite was interrupted.
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) && !errors.Is(err, checkpoint.ErrConflict) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return fmt.Errorf("store %s: %s checkpoint %s: %w", c.store.path, doing, key, explain(err))
}
