//go:build platforms && linux

package postgresfind_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

func start(t *testing.T) *postgrestest.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := postgrestest.Start(ctx, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// publish stores an event as the sink does.
func publish(ctx context.Context, databaseURL string, m sink.Message) error {
	s, err := postgres.NewOpener(secret.New(databaseURL)).Sink(ctx, &url.URL{Scheme: "postgres"})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Publish(ctx, []sink.Message{m})
	return err
}

// left returns the ids of the rows.
func left(ctx context.Context, databaseURL string) ([]string, error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('dt_events') IS NOT NULL").Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := conn.Query(ctx, "SELECT id FROM dt_events")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func exec(t *testing.T, databaseURL, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// as returns a database's URL with another user and the password "marked".
func as(t *testing.T, databaseURL, user string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, "marked")
	return u.String()
}

func TestPostgres(t *testing.T) {
	c := start(t)
	var count atomic.Int64
	newDatabase := func(t *testing.T) string {
		t.Helper()
		u, err := c.NewDatabase(t.Context(), fmt.Sprintf("test_%d", count.Add(1)))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			u := newDatabase(t)
			return findtest.Backend{
				Open:       func() (find.Finder, error) { return open("postgres:", u) },
				OpenAbsent: func() (find.Finder, error) { return open("postgres:", c.URL("absent")) },
				Publish:    func(ctx context.Context, m sink.Message) error { return publish(ctx, u, m) },
				Left:       func(ctx context.Context) ([]string, error) { return left(ctx, u) },
			}
		},
		ByID: true, Removes: true,
		Refusals: map[string]findtest.Refusal{
			"another password": {Open: func(t *testing.T) (find.Finder, error) { return open("postgres:", as(t, newDatabase(t), "dtfn")) }, Says: "refuses user or password"},
			"no such user":     {Open: func(t *testing.T) (find.Finder, error) { return open("postgres:", as(t, newDatabase(t), "absent")) }, Says: "refuses user or password"},
			"may not read": {Open: func(t *testing.T) (find.Finder, error) {
				u := newDatabase(t)
				if err := publish(t.Context(), u, sink.Message{ID: "other", Data: []byte("{}")}); err != nil {
					t.Fatal(err)
				}
				exec(t, u, "CREATE ROLE stranger LOGIN PASSWORD 'marked'")
				return open("postgres:", as(t, u, "stranger"))
			}, Says: "GRANT SELECT, DELETE ON dt_events"},
		},
		Secrets: []string{"marked", c.Password(), "dtfn:", "stranger"},
	})
}

// Who may only read finds the event all the same, and it stays.
func TestReadOnly(t *testing.T) {
	c := start(t)
	u, err := c.NewDatabase(t.Context(), "events")
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(t.Context(), u, sink.Message{ID: "own", Data: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	exec(t, u, "CREATE ROLE reader LOGIN PASSWORD 'marked'; GRANT SELECT ON dt_events TO reader")
	f, err := open("postgres:", as(t, u, "reader"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Prepare(t.Context()), f.Find(t.Context(), "own"), f.Close(t.Context())); err != nil {
		t.Error(err)
	}
	if ids, err := left(t.Context(), u); err != nil || strings.Join(ids, " ") != "own" {
		t.Errorf("left %v, %v", ids, err)
	}
}

// A server that is started anew is connected to again.
func TestRestart(t *testing.T) {
	c := start(t)
	u, err := c.NewDatabase(t.Context(), "events")
	if err != nil {
		t.Fatal(err)
	}
	f, err := open("postgres:", u)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Kill(), c.Restart(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := publish(t.Context(), u, sink.Message{ID: "own", Data: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := errors.Join(f.Find(ctx, "own"), f.Close(t.Context())); err != nil {
		t.Error(err)
	}
}
