//go:build platforms

package main

import (
	"context"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A way is one to store events.
type way struct {
	name string
	open func(ctx context.Context, rawURL string) (sink.Sink, error)
}

// ways returns the server's own way as the last. It stores over 1 connection; 4 are
// pgx's default on a small machine; 20 are all that the smallest plans of Heroku
// Postgres allow.
func ways() []way {
	return []way{
		{"one insert a request, 1 connection", single(1)},
		{"one insert a request, 4 connections", single(4)},
		{"one insert a request, 20 connections", single(20)},
		{"one insert a request, 64 connections", single(64)},
		{"groups: COPY into a temporary table", grouped(copyGroup)},
		{"groups: one INSERT of many rows (the server's)", server},
	}
}

func server(ctx context.Context, rawURL string) (sink.Sink, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	return postgres.NewOpener(secret.Text{}).Sink(ctx, u)
}

// prepare makes the tables, as the server does, and connects.
func prepare(ctx context.Context, rawURL string, connections int32) (*pgxpool.Pool, error) {
	s, err := server(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	if err := s.(*postgres.Sink).Ping(ctx); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(rawURL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = connections
	return pgxpool.NewWithConfig(ctx, config)
}

// single stores each event in a transaction of its own, as a handler does that was
// written the obvious way: a pool, and a statement that it prepares once.
func single(connections int32) func(context.Context, string) (sink.Sink, error) {
	return func(ctx context.Context, rawURL string) (sink.Sink, error) {
		pool, err := prepare(ctx, rawURL, connections)
		return singles{pool}, err
	}
}

type singles struct{ pool *pgxpool.Pool }

func (s singles) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	for _, m := range msgs {
		_, err := s.pool.Exec(ctx, `INSERT INTO dt_events (id, device, event_type, device_type, project, recovered, dead_letter, data)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`, row(m)...)
		if err != nil {
			return sink.Result{}, err
		}
	}
	return sink.Result{}, nil
}

func (s singles) Close() error {
	s.pool.Close()
	return nil
}

func row(m sink.Message) []any {
	a := m.Attributes
	return []any{m.ID, m.Key, a.EventType, a.DeviceType, a.ProjectID, a.Recovered, a.DeadLetter, string(m.Data)}
}

// grouped stores groups of events that come at the same time.
func grouped(flush func(ctx context.Context, pool *pgxpool.Pool, msgs []sink.Message) error) func(context.Context, string) (sink.Sink, error) {
	return func(ctx context.Context, rawURL string) (sink.Sink, error) {
		pool, err := prepare(ctx, rawURL, 2)
		if err != nil {
			return nil, err
		}
		return groups{pool, sink.NewBatcher(func(ctx context.Context, msgs []sink.Message) ([]bool, error) {
			return nil, flush(ctx, pool, msgs)
		}, sink.Limits{})}, nil
	}
}

type groups struct {
	pool *pgxpool.Pool
	*sink.Batcher
}

func (g groups) Close() error {
	err := g.Batcher.Close()
	g.pool.Close()
	return err
}

// copyGroup copies a group into a temporary table, which lives as long as the
// transaction: a pooler's next client must not find it.
func copyGroup(ctx context.Context, pool *pgxpool.Pool, msgs []sink.Message) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE incoming (id text, device text, event_type text, device_type text,
			project text, recovered boolean, dead_letter text, data json) ON COMMIT DROP`)
		if err != nil {
			return err
		}
		columns := []string{"id", "device", "event_type", "device_type", "project", "recovered", "dead_letter", "data"}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromSlice(len(msgs), func(i int) ([]any, error) {
			return row(msgs[i]), nil
		}))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO dt_events (id, device, event_type, device_type, project, recovered, dead_letter, data)
			SELECT * FROM incoming ORDER BY id ON CONFLICT (id) DO NOTHING`)
		return err
	})
}
