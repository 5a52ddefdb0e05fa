package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// watchInterval is how often whoever holds a lock asks whether its connection
	// is still there, and watchTimeout how long it waits for the answer.
	watchInterval = 2 * time.Second
	watchTimeout  = 3 * time.Second
)

// beginLock begins the transaction that holds a lock. It is a transaction and not a
// session, since a pooler would give the session, and the lock in it, to the next
// client. Between its statements it has no snapshot, so it does not keep VACUUM from
// its work (with the simple protocol; the extended one keeps the last statement's).
// A server that hears nothing for 15 s, longer than the holder takes to
// notice, ends it and gives the lock to another.
const beginLock = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = '15s'; SET LOCAL statement_timeout = '3s'`

// A Lock can be held by one process at a time of those that share a database.
type Lock struct {
	database *database
	name     string
}

// Lock returns the lock of that name, a word of lower-case letters, in the database
// that u names. Nothing is connected to.
func (o Opener) Lock(u *url.URL, name string) (*Lock, error) {
	d, err := o.database(u)
	if err != nil {
		return nil, err
	}
	return &Lock{d, name}, nil
}

// Try calls f if no other process holds the lock, and holds the lock until f has
// returned. f's context ends with ctx, or when the connection that holds the lock is
// lost: the server gives the lock to another then. held is false, and f was not
// called, where another process holds it. An error says why it could not be taken,
// or that it was lost.
func (l *Lock) Try(ctx context.Context, f func(ctx context.Context)) (held bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, l.database.config.ConnConfig.Copy())
	if err != nil {
		return false, l.database.explain(err)
	}
	defer func() {
		// The end of the connection is the end of the lock, however it comes.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), watchTimeout)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if held, err = l.take(ctx, conn); err != nil || !held {
		return false, l.database.explain(err)
	}
	holding, lose := context.WithCancel(ctx)
	defer lose()
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer stop()
		f(holding)
	}()
	err = watch(watching, conn)
	lose()
	<-finished
	return true, l.database.explain(err)
}

// watch returns when ctx ends, or with an error when the connection is lost.
func watch(ctx context.Context, conn *pgx.Conn) error {
	for {
		if err := wait(ctx, conn); err != nil || ctx.Err() != nil {
			return err
		}
		asking, cancel := context.WithTimeout(ctx, watchTimeout)
		_, err := conn.Exec(asking, "SELECT 1", pgx.QueryExecModeSimpleProtocol)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the lock is lost: %w", err)
		}
	}
}

// wait waits for a while; a connection that is closed meanwhile is an error.
func wait(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, watchInterval)
	defer cancel()
	_, err := conn.WaitForNotification(ctx)
	if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return fmt.Errorf("the lock is lost: %w", err)
}

func (l *Lock) take(ctx context.Context, conn *pgx.Conn) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	if _, err := conn.Exec(ctx, beginLock, pgx.QueryExecModeSimpleProtocol); err != nil {
		return false, err
	}
	const query = "SELECT pg_try_advisory_xact_lock("
	err = conn.QueryRow(ctx, query+lockKey(l.name)+")", pgx.QueryExecModeSimpleProtocol).Scan(&held)
	return held, err
}
