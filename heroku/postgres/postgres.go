// Package postgres keeps events and checkpoints in a PostgreSQL database, and lets
// one of several processes at a time do what only one may do.
//
// An event is acknowledged after the transaction that holds it has been committed;
// publishers that come at the same time share one statement. An event's id is its
// key: what is published again is not stored again.
//
// It works through a pooler that hands out a connection for one transaction
// (PgBouncer, Heroku's connection pooling): it leaves nothing behind in a session,
// no prepared statement, no setting and no lock.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// Schemes returns the schemes of the URLs that an Opener takes.
func Schemes() []string { return []string{"postgres", "postgresql"} }

// ErrClosed means that what was opened has been closed.
var ErrClosed = errors.New("is closed")

// An Opener opens what URLs name: postgres://USER:PASSWORD@HOST:PORT/DATABASE, or
// "postgres:" alone for DATABASE_URL, the variable in which Heroku and others say
// where the database of an application is.
type Opener struct{ databaseURL secret.Text }

// NewOpener returns an Opener. databaseURL is the value of DATABASE_URL; zero where
// it is not set.
func NewOpener(databaseURL secret.Text) Opener { return Opener{databaseURL} }

// database returns the database that u names. Nothing is connected to.
func (o Opener) database(u *url.URL) (*database, error) {
	text, err := o.resolve(u)
	if err != nil {
		return nil, err
	}
	config, err := parse(text)
	if err != nil {
		return nil, err
	}
	return &database{config: config, mu: make(chan struct{}, 1)}, nil
}

// A database is connected to on its first use, and brought to the schema of this
// version then. A program can so start while its database does not.
type database struct {
	config *pgxpool.Config

	mu     chan struct{} // full while somebody uses what follows; unlike a mutex it can be waited for with a context
	pool   *pgxpool.Pool
	ready  bool // the schema is that of this version
	closed bool
	users  sync.WaitGroup // of pool
}

// use calls f with the connections to the database, its schema being that of this
// version. close waits until f has returned.
func (d *database) use(ctx context.Context, f func(pool *pgxpool.Pool) error) error {
	pool, err := d.connect(ctx)
	if err != nil {
		return err
	}
	defer d.users.Done()
	return f(pool)
}

// connect returns the connections, and counts their user.
func (d *database) connect(ctx context.Context) (*pgxpool.Pool, error) {
	select {
	case d.mu <- struct{}{}:
		defer func() { <-d.mu }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a connection: %w", ctx.Err())
	}
	if d.closed {
		return nil, ErrClosed
	}
	if d.pool == nil {
		// The pool outlives ctx.
		pool, err := pgxpool.NewWithConfig(context.WithoutCancel(ctx), d.config)
		if err != nil {
			return nil, err
		}
		d.pool = pool
	}
	if !d.ready {
		if err := again(ctx, d.pool, func() error { return migrate(ctx, d.pool) }); err != nil {
			return nil, err
		}
		d.ready = true
	}
	d.users.Add(1)
	return d.pool, nil
}

// Ping tells whether the database can be used now.
func (d *database) Ping(ctx context.Context) error {
	return d.explain(d.use(ctx, func(pool *pgxpool.Pool) error {
		return again(ctx, pool, func() error { return pool.Ping(ctx) })
	}))
}

// close closes the connections, after those who use them are done.
func (d *database) close() {
	d.mu <- struct{}{}
	defer func() { <-d.mu }()
	d.closed = true
	d.users.Wait()
	if d.pool != nil {
		d.pool.Close()
		d.pool = nil
	}
}

// explain says which database it was, and what to do.
func (d *database) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("postgres %s: %w", address(d.config.ConnConfig), explain(err))
}

// address returns what may be shown of a database's URL.
func address(c *pgx.ConnConfig) string { return c.Host + "/" + c.Database }

// again does f a second time when its connection turned out to be lost, as all
// are that were open when the server was restarted. f must be harmless to do
// twice.
func again(ctx context.Context, pool *pgxpool.Pool, f func() error) error {
	err := f()
	if err == nil || ctx.Err() != nil || !lost(err) {
		return err
	}
	pool.Reset()
	return f()
}
