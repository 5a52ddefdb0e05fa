package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// A Checkpoints keeps documents in a table. It is a [checkpoint.Store].
type Checkpoints struct{ database *database }

// Checkpoints opens the store that u names. It connects on its first use.
func (o Opener) Checkpoints(_ context.Context, u *url.URL) (checkpoint.Store, error) {
	d, err := o.database(u)
	if err != nil {
		return nil, err
	}
	return &Checkpoints{d}, nil
}

// Load returns the document of that key.
func (c *Checkpoints) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	if err := checkpoint.CheckKey(key); err != nil {
		return checkpoint.Document{}, err
	}
	var document checkpoint.Document
	err := c.do(ctx, func(pool *pgxpool.Pool) error {
		var revision int64
		err := pool.QueryRow(ctx, "SELECT data, revision FROM dt_checkpoints WHERE key = $1", []byte(key)).Scan(&document.Data, &revision)
		document.Revision = strconv.FormatInt(revision, 10)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return checkpoint.Document{}, nil
	}
	if err != nil {
		return checkpoint.Document{}, fmt.Errorf("loading the checkpoint of %s: %w", key, err)
	}
	return document, nil
}

const (
	insertCheckpoint = `INSERT INTO dt_checkpoints (key, revision, data) VALUES ($1, nextval('dt_checkpoint_revision'), $2)
ON CONFLICT (key) DO NOTHING RETURNING revision`
	updateCheckpoint = `UPDATE dt_checkpoints SET revision = nextval('dt_checkpoint_revision'), data = $2
WHERE key = $1 AND revision = $3 RETURNING revision`
)

// Save puts data in the place of the document of that revision.
func (c *Checkpoints) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := checkpoint.CheckSave(key, data); err != nil {
		return "", err
	}
	if data == nil {
		data = []byte{} // nil would be NULL
	}
	statement, args := insertCheckpoint, []any{[]byte(key), data}
	if revision != "" {
		n, err := strconv.ParseInt(revision, 10, 64)
		if err != nil {
			// Not one of this store's, so no document has it.
			return "", fmt.Errorf("saving the checkpoint of %s: %w", key, checkpoint.ErrConflict)
		}
		statement, args = updateCheckpoint, append(args, n)
	}
	var saved int64
	err := c.do(ctx, func(pool *pgxpool.Pool) error {
		var batch pgx.Batch
		batch.Queue(limits)
		batch.Queue(statement, args...)
		results := pool.SendBatch(ctx, &batch)
		_, err := results.Exec()
		if err == nil {
			err = results.QueryRow().Scan(&saved)
		}
		if closed := results.Close(); err == nil {
			err = closed
		}
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", fmt.Errorf("saving the checkpoint of %s: %w", key, checkpoint.ErrConflict)
	case err != nil:
		return "", fmt.Errorf("saving the checkpoint of %s: %w", key, err)
	}
	return strconv.FormatInt(saved, 10), nil
}

// do does f once, unless its connection was lost before anything was sent: a Save
// that was done twice would be its own conflict.
func (c *Checkpoints) do(ctx context.Context, f func(pool *pgxpool.Pool) error) error {
	err := c.database.use(ctx, func(pool *pgxpool.Pool) error {
		err := f(pool)
		if safe(ctx, err) {
			pool.Reset()
			err = f(pool)
		}
		return err
	})
	switch {
	case errors.Is(err, ErrClosed):
		return checkpoint.ErrClosed
	case errors.Is(err, pgx.ErrNoRows):
		return err
	}
	return c.database.explain(err)
}

// Ping returns nil when the store could be used now.
func (c *Checkpoints) Ping(ctx context.Context) error { return c.database.Ping(ctx) }

// Close closes the connections.
func (c *Checkpoints) Close() error {
	c.database.close()
	return nil
}
