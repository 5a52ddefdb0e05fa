//go:build platforms

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// The server is killed and started again between two events: the connection that
// the sink has kept is of no use, and nobody notices.
func TestServerRestartedBetweenEvents(t *testing.T) {
	c := ownCluster(t)
	database := newDatabase(t, c)
	s := open(t, database)
	_, err := publish(t.Context(), s, "a")
	must(t, err)
	must(t, c.Kill())
	_, err = publish(t.Context(), s, "b")
	wantError(t, err, "cannot connect", "connection refused")
	if err := s.Ping(t.Context()); err == nil {
		t.Error("ping: no error while the server is down")
	}
	must(t, c.Restart(t.Context()))
	_, err = publish(t.Context(), s, "c")
	must(t, err)
	must(t, c.Stop())
	must(t, c.Restart(t.Context()))
	_, err = publish(t.Context(), s, "d")
	must(t, err)
	if got := storedIDs(t, database); got != "a c d" {
		t.Errorf("stored: %s", got)
	}
}

// A program may start before its database does.
func TestServerStartsLater(t *testing.T) {
	c := ownCluster(t)
	database := newDatabase(t, c)
	must(t, c.Stop())
	s := open(t, database)
	_, err := publish(t.Context(), s, "a")
	wantError(t, err, "cannot connect")
	must(t, c.Restart(t.Context()))
	must(t, s.Ping(t.Context()))
	_, err = publish(t.Context(), s, "a")
	must(t, err)
}

// A connection is ended by the server while it stores.
func TestConnectionTerminatedMidway(t *testing.T) {
	database := newDatabase(t, shared)
	s := open(t, database)
	must(t, s.Ping(t.Context()))
	blocker := block(t, database)
	published := make(chan error, 1)
	go func() {
		_, err := publish(t.Context(), s, "a", "b")
		published <- err
	}()
	first := waiting(t, database, "")
	if got := scalar(t, database, "SELECT pg_terminate_backend("+first+")"); got != "true" {
		t.Fatalf("pg_terminate_backend: %s", got)
	}
	// It tries once more, and is ended once more: then it is an error.
	second := waiting(t, database, first)
	scalar(t, database, "SELECT pg_terminate_backend("+second+")")
	wantError(t, <-published, "terminating connection due to administrator command")
	go func() {
		_, err := publish(t.Context(), s, "a", "b")
		published <- err
	}()
	scalar(t, database, "SELECT pg_terminate_backend("+waiting(t, database, second)+")")
	must(t, blocker.Close(t.Context()))
	must(t, <-published)
	if got := storedIDs(t, database); got != "a b" {
		t.Errorf("stored: %s", got)
	}
}

// Someone holds a lock on the table for longer than a flush may take.
func TestLockTimeout(t *testing.T) {
	database := newDatabase(t, shared)
	s := open(t, database)
	must(t, s.Ping(t.Context()))
	blocker := block(t, database)
	_, err := publish(t.Context(), s, "a")
	wantError(t, err, "canceling statement due to statement timeout", "holds a lock on the table")
	must(t, blocker.Close(t.Context()))
	_, err = publish(t.Context(), s, "b")
	must(t, err)
	if got := storedIDs(t, database); got != "b" {
		t.Errorf("stored: %s", got)
	}
}

// The server's machine stops answering, without an end of its connections.
func TestServerHangs(t *testing.T) {
	c := ownCluster(t)
	database := newDatabase(t, c)
	s := open(t, database)
	must(t, s.Ping(t.Context()))
	must(t, c.Pause())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := publish(ctx, s, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("publish: %v", err)
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("ping: no error")
	}
	must(t, c.Resume())
	_, err := publish(t.Context(), s, "b")
	must(t, err)
	if got := storedIDs(t, database); !strings.Contains(got, "b") {
		t.Errorf("stored: %s", got)
	}
}

// Two instances store the same events in opposite orders: neither waits for the
// other for ever, and each event is told to be new once.
func TestTwoInstancesStoreTheSame(t *testing.T) {
	database := newDatabase(t, shared)
	one, two := open(t, database), open(t, database)
	must(t, one.Ping(t.Context()))
	const rounds, each = 60, 50
	duplicates := make([]int, 2)
	errs := make([]error, 2)
	for round := range rounds {
		ids := make([]string, each)
		for i := range ids {
			ids[i] = fmt.Sprintf("%d-%d", round, i)
		}
		var wait sync.WaitGroup
		for i, s := range []sink.Sink{one, two} {
			mine := ids
			if i == 1 {
				mine = reversed(ids)
			}
			wait.Go(func() {
				result, err := publish(t.Context(), s, mine...)
				duplicates[i] += result.Duplicates
				errs[i] = err
			})
		}
		wait.Wait()
		must(t, errors.Join(errs...))
	}
	if sum := duplicates[0] + duplicates[1]; sum != rounds*each {
		t.Errorf("%d duplicates in all, want %d", sum, rounds*each)
	}
}

func reversed(list []string) []string {
	r := make([]string, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		r = append(r, list[i])
	}
	return r
}

// block holds a lock that keeps everyone from storing.
func block(t *testing.T, rawURL string) *pgx.Conn {
	t.Helper()
	conn, err := connect(t.Context(), rawURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), "BEGIN; LOCK TABLE dt_events IN SHARE MODE", pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	return conn
}

// waiting waits until a connection waits for a lock, one other than that of the
// process id not, and returns its process id.
func waiting(t *testing.T, rawURL, not string) string {
	t.Helper()
	for {
		pid := scalar(t, rawURL, `SELECT max(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid::text <> $1`, not)
		if pid != "NULL" {
			return pid
		}
		if t.Context().Err() != nil {
			t.Fatal("nobody waits for a lock")
		}
	}
}
