// Package postgresfind looks for an event in the database of the Postgres sink.
package postgresfind

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// Open returns what opens the finders of databases. databaseURL is the value of
// DATABASE_URL, which "postgres:" alone stands for; zero where it is not set.
func Open(databaseURL secret.Text) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		text := u.String()
		if u.Host == "" && u.User == nil && u.Path == "" && u.Opaque == "" {
			if databaseURL.IsZero() {
				return nil, errors.New("postgres: is the database in DATABASE_URL, which is not set: export DATABASE_URL=\"$(heroku config:get DATABASE_URL --app NAME)\"")
			}
			text = databaseURL.Reveal()
		}
		config, err := parse(text)
		if err != nil {
			return nil, err
		}
		return &database{config: config}, nil
	}
}

// parse reads the URL of a database, as package postgres does: over a network
// encrypted unless the URL says otherwise. No error shows any part of it.
func parse(text string) (*pgx.ConnConfig, error) {
	wrong := errors.New("the database's URL cannot be read: want postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, wrong
	}
	if !strings.Contains(text, "sslmode=") && !local(config.Host, config.Port) {
		separator := "?"
		if strings.Contains(text, "?") {
			separator = "&"
		}
		if config, err = pgx.ParseConfig(text + separator + "sslmode=require"); err != nil {
			return nil, wrong
		}
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // a pooler may stand before it
	config.ConnectTimeout = 5 * time.Second
	config.RuntimeParams["application_name"] = "dtfn doctor"
	return config, nil
}

func local(host string, port uint16) bool {
	network, _ := pgconn.NetworkAddress(host, port)
	ip := net.ParseIP(host)
	return network == "unix" || host == "localhost" || ip != nil && ip.IsLoopback()
}

type database struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
}

// Prepare connects. There may be no table yet: the sink makes it.
func (d *database) Prepare(ctx context.Context) error {
	var err error
	if d.conn, err = pgx.ConnectConfig(ctx, d.config); err != nil {
		return plain(err)
	}
	return nil
}

// Find looks for the row, and deletes it where this user may: it is one row by its key.
func (d *database) Find(ctx context.Context, id string) error {
	return find.Poll(ctx, 100*time.Millisecond, func(ctx context.Context) (bool, error) {
		var there bool
		err := d.conn.QueryRow(ctx, "SELECT true FROM dt_events WHERE id = $1", id).Scan(&there)
		const noTable = "42P01"
		var refused *pgconn.PgError
		switch {
		case errors.Is(err, pgx.ErrNoRows), errors.As(err, &refused) && refused.Code == noTable:
			return false, nil
		case err != nil:
			return false, plain(err)
		}
		// A row that stays has the doctor's label.
		_, _ = d.conn.Exec(ctx, "DELETE FROM dt_events WHERE id = $1", id)
		return true, nil
	})
}

// Close ends the connection.
func (d *database) Close(ctx context.Context) error {
	if d.conn == nil {
		return nil
	}
	return d.conn.Close(ctx)
}

// plain returns what can be shown of an error: pgx's own name host and user.
func plain(err error) error {
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return errors.New("the database refuses: SQLSTATE " + refused.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	return errors.New("the database cannot be reached from here")
}
