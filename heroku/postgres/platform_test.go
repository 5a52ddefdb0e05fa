//go:build platforms

package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// shared is the server of the tests that leave it running; each has a database of
// its own. Those that stop it start one of their own.
var shared *postgrestest.Cluster

func TestMain(m *testing.M) {
	if child := children()[os.Getenv(childVariable)]; child != nil {
		fmt.Fprintln(os.Stderr, child(context.Background(), os.Getenv("DATABASE_URL")))
		os.Exit(1)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	// Its many databases need not outlive a power cut, and are made faster so.
	if shared, err = postgrestest.Start(ctx, "fsync=off"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := shared.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

var databases atomic.Int64

// newDatabase returns the URL of an empty database.
func newDatabase(t testing.TB, c *postgrestest.Cluster) string {
	t.Helper()
	u, err := c.NewDatabase(t.Context(), fmt.Sprintf("test_%d", databases.Add(1)))
	must(t, err)
	return u
}

// ownCluster returns a server that the test may stop.
func ownCluster(t testing.TB) *postgrestest.Cluster {
	t.Helper()
	c, err := postgrestest.Start(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// open opens the sink of a database and closes it after the test.
func open(t testing.TB, rawURL string) *postgres.Sink {
	t.Helper()
	s, err := openSink(t.Context(), rawURL)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s.(*postgres.Sink)
}

func openSink(ctx context.Context, rawURL string) (sink.Sink, error) {
	u, err := url.Parse("postgres:")
	if err != nil {
		return nil, err
	}
	return postgres.NewOpener(secret.New(rawURL)).Sink(ctx, u)
}

// message returns an event with that id.
func message(id string) sink.Message {
	return sink.Message{
		ID: id, Key: "device-" + id,
		Attributes: sink.Attributes{EventType: "temperature", DeviceType: "temperature", ProjectID: "p1"},
		Data:       fmt.Appendf(nil, `{"event":{"eventId":%q}}`, id),
	}
}

func publish(ctx context.Context, s sink.Sink, ids ...string) (sink.Result, error) {
	msgs := make([]sink.Message, len(ids))
	for i, id := range ids {
		msgs[i] = message(id)
	}
	return s.Publish(ctx, msgs)
}

// stored returns the messages of a database, in the order of their ids; none where
// there is no table.
func stored(ctx context.Context, rawURL string) ([]sink.Message, error) {
	conn, err := connect(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('dt_events') IS NOT NULL").Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT id, device, event_type, device_type, project, recovered, dead_letter, data::text, raw FROM dt_events ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (sink.Message, error) {
		var m sink.Message
		var text *string
		a := &m.Attributes
		err := row.Scan(&m.ID, &m.Key, &a.EventType, &a.DeviceType, &a.ProjectID, &a.Recovered, &a.DeadLetter, &text, &m.Data)
		if text != nil {
			m.Data = []byte(*text)
		}
		return m, err
	})
}

// connect connects for a test. It leaves nothing behind in a pooler's connection.
func connect(ctx context.Context, rawURL string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, rawURL+"&default_query_exec_mode=exec")
}

func storedIDs(t testing.TB, rawURL string) string {
	t.Helper()
	msgs, err := stored(t.Context(), rawURL)
	must(t, err)
	ids := make([]string, len(msgs))
	for i, m := range msgs {
		ids[i] = m.ID
	}
	return strings.Join(ids, " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
