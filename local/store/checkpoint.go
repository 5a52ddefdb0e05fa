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

// checkpoints keeps checkpoints in the file of a store.
type checkpoints struct {
	store *Store

	mu     sync.Mutex
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
	if err := c.usable(); err != nil {
		return checkpoint.Document{}, err
	}
	if err := checkpoint.CheckKey(key); err != nil {
		return checkpoint.Document{}, err
	}
	var revision int64
	data := []byte{}
	err := c.store.read.QueryRowContext(ctx, "SELECT revision, data FROM checkpoints WHERE key = ?", key).Scan(&revision, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return checkpoint.Document{}, nil
	}
	if err != nil {
		return checkpoint.Document{}, fmt.Errorf("store %s: reading a checkpoint: %w", c.store.path, explain(err))
	}
	if data == nil {
		data = []byte{}
	}
	return checkpoint.Document{Data: data, Revision: strconv.FormatInt(revision, 10)}, nil
}

const (
	// A revision is a number that was never used before, whatever was removed
	// meanwhile: each save is a new row, as AUTOINCREMENT numbers them.
	insertCheckpoint = `INSERT INTO checkpoints (key, data) SELECT ?1, ?2
		WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE key = ?1) RETURNING revision`
	deleteCheckpoint = `DELETE FROM checkpoints WHERE key = ?1 AND revision = ?2`
)

// Save implements [checkpoint.Store].
func (c *checkpoints) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := c.usable(); err != nil {
		return "", err
	}
	if err := checkpoint.CheckSave(key, data); err != nil {
		return "", err
	}
	next, err := c.save(ctx, key, append([]byte{}, data...), revision)
	if err != nil && !errors.Is(err, checkpoint.ErrConflict) {
		err = fmt.Errorf("store %s: saving a checkpoint: %w", c.store.path, explain(err))
	}
	return next, err
}

func (c *checkpoints) save(ctx context.Context, key string, data []byte, revision string) (string, error) {
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
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return "", errors.Join(err, checkpoint.ErrConflict)
		}
	}
	var next int64
	err = tx.QueryRowContext(ctx, insertCheckpoint, key, data).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return "", checkpoint.ErrConflict
	}
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(next, 10), tx.Commit()
}

// Close implements [checkpoint.Store].
func (c *checkpoints) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.store.Close()
}

func (c *checkpoints) usable() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return checkpoint.ErrClosed
	}
	return nil
}
