//go:build platforms

package postgres_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// newPooler returns a pooler with fewer connections than a sink may use.
func newPooler(t *testing.T) *postgrestest.Pooler {
	t.Helper()
	p, err := shared.StartPooler(t.Context(), 1)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	return p
}

// The sink leaves nothing in a session that a pooler would give to another client.
func TestSinkConformsThroughPooler(t *testing.T) {
	p := newPooler(t)
	sinktest.Run(t, harness(func(t *testing.T) string { return p.Through(newDatabase(t, shared)) }))
}

// Two processes never hold one lock, though they share the connection of a pooler.
func TestLockThroughPooler(t *testing.T) {
	p, err := shared.StartPooler(t.Context(), 2)
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	database := p.Through(newDatabase(t, shared))
	first, second := newLock(t, database, "schedule"), newLock(t, database, "schedule")
	var inner atomic.Bool
	held, err := first.Try(t.Context(), func(ctx context.Context) {
		held, err := second.Try(ctx, func(context.Context) { inner.Store(true) })
		if held || err != nil || inner.Load() {
			t.Errorf("the second one: %v, %v", held, err)
		}
	})
	if !held || err != nil {
		t.Errorf("the first one: %v, %v", held, err)
	}
	held, err = second.Try(t.Context(), func(context.Context) { inner.Store(true) })
	if !held || err != nil || !inner.Load() {
		t.Errorf("after the first one: %v, %v", held, err)
	}
	if got := scalar(t, database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"); got != "0" {
		t.Error(fmt.Sprint(got, " locks are left"))
	}
}
