//go:build platforms

package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

func newLock(t testing.TB, rawURL, name string) *postgres.Lock {
	t.Helper()
	l, err := lock(rawURL, name)
	must(t, err)
	return l
}

func lock(rawURL, name string) (*postgres.Lock, error) {
	u, err := url.Parse("postgres:")
	if err != nil {
		return nil, err
	}
	return postgres.NewOpener(secret.New(rawURL)).Lock(u, name)
}

func TestLock(t *testing.T) {
	database := newDatabase(t, shared)
	ctx, cancel := context.WithCancel(t.Context())
	held, err := newLock(t, database, "schedule").Try(ctx, func(ctx context.Context) {
		held, err := newLock(t, database, "schedule").Try(ctx, func(context.Context) { t.Error("two hold it") })
		if held || err != nil {
			t.Errorf("the same name: %v, %v", held, err)
		}
		held, err = newLock(t, database, "other").Try(ctx, func(context.Context) {})
		if !held || err != nil {
			t.Errorf("another name: %v, %v", held, err)
		}
		// What holds the lock keeps VACUUM from nothing.
		got := scalar(t, database, `SELECT string_agg(concat_ws(' ', state, backend_xmin, backend_xid), ', ') FROM pg_stat_activity
			WHERE pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')`)
		if got != "idle in transaction" {
			t.Errorf("the connection that holds it: %s", got)
		}
		cancel()
		<-ctx.Done()
	})
	if !held || err != nil {
		t.Errorf("got %v, %v", held, err)
	}
	held, err = newLock(t, database, "schedule").Try(t.Context(), func(context.Context) {})
	if !held || err != nil {
		t.Errorf("once it is free: %v, %v", held, err)
	}
}

// Each schema of a database has locks of its own.
func TestLocksOfSchemas(t *testing.T) {
	database := newDatabase(t, shared)
	must(t, shared.Exec(t.Context(), databaseName(t, database), "CREATE SCHEMA one"))
	held, err := newLock(t, database, "schedule").Try(t.Context(), func(ctx context.Context) {
		held, err := newLock(t, database+"&search_path=one", "schedule").Try(ctx, func(context.Context) {})
		if !held || err != nil {
			t.Errorf("another schema: %v, %v", held, err)
		}
		held, err = newLock(t, database+"&search_path=nowhere", "schedule").Try(ctx, func(context.Context) {})
		if !held || err != nil {
			t.Errorf("no schema: %v, %v", held, err)
		}
	})
	if !held || err != nil {
		t.Errorf("got %v, %v", held, err)
	}
}

// Who loses the connection stops at once, and another may begin.
func TestLockIsLost(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, c cluster){
		"connection ended": func(t *testing.T, c cluster) {
			scalar(t, c.database, "SELECT bool_and(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'")
		},
		"server killed": func(t *testing.T, c cluster) { must(t, c.Kill()) },
		"server hangs":  func(t *testing.T, c cluster) { must(t, c.Pause()) },
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster{Cluster: ownCluster(t)}
			c.database = newDatabase(t, c.Cluster)
			held, err := newLock(t, c.database, "schedule").Try(t.Context(), func(ctx context.Context) {
				end(t, c)
				<-ctx.Done()
			})
			if !held || err == nil {
				t.Errorf("got %v, %v", held, err)
			}
			wantError(t, err, "the lock is lost")
		})
	}
}

type cluster struct {
	*postgrestest.Cluster
	database string
}

func TestLockWithoutServer(t *testing.T) {
	c := ownCluster(t)
	database := newDatabase(t, c)
	must(t, c.Stop())
	held, err := newLock(t, database, "schedule").Try(t.Context(), func(context.Context) { t.Error("called") })
	if held {
		t.Error("held")
	}
	wantError(t, err, "cannot connect")
}

// Of two processes one holds the lock; when it is killed the other gets it.
func TestLockOfTwoProcesses(t *testing.T) {
	database := newDatabase(t, shared)
	holders := make(chan *exec.Cmd, 2)
	for range 2 {
		child, lines := startChild(t, "lock", database)
		go func() {
			for lines.Scan() {
				holders <- child
			}
		}()
	}
	first := <-holders
	select {
	case <-holders:
		t.Fatal("both hold it")
	default:
	}
	must(t, first.Process.Kill())
	if second := <-holders; second == first {
		t.Error("the one that was killed holds it")
	}
}

// holdForEver prints a line when it has the lock.
func holdForEver(ctx context.Context, rawURL string) error {
	l, err := lock(rawURL, "schedule")
	if err != nil {
		return err
	}
	for {
		_, err := l.Try(ctx, func(ctx context.Context) {
			fmt.Println(os.Getpid())
			<-ctx.Done()
		})
		if err != nil {
			return err
		}
	}
}

func startChild(t *testing.T, what, database string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+what, "DATABASE_URL="+database)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	return child, bufio.NewScanner(out)
}
