// Package postgresfind looks for an event in the database of the Postgres sink.
package postgresfind

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// Open returns what opens the finders of databases. databaseURL is the value of
// DATABASE_URL, which "postgres:" alone stands for; zero where it is not set.
func Open(databaseURL secret.Text) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		if databaseURL.IsZero() && u.Host == "" && u.User == nil && u.Path == "" && u.Opaque == "" {
			return nil, errors.New("postgres: is the database in DATABASE_URL, which is not set: export DATABASE_URL=\"$(heroku config:get DATABASE_URL --app NAME)\"")
		}
		config, err := postgres.NewOpener(databaseURL).ConnConfig(u)
		if err != nil {
			return nil, err
		}
		config.RuntimeParams["application_name"] = "dtfn doctor"
		return &database{config: config}, nil
	}
}

type database struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn // nil before it is connected
}

// Prepare connects. There may be no table yet: the sink makes it.
func (d *database) Prepare(ctx context.Context) error { return d.connect(ctx) }

// connect connects where there is no connection, or none any more.
func (d *database) connect(ctx context.Context) error {
	if d.conn != nil && !d.conn.IsClosed() {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, d.config)
	if err != nil {
		return explain(ctx, err)
	}
	d.conn = conn
	return nil
}

// Find looks for the row, and deletes it where this user may: it is one row by its key.
func (d *database) Find(ctx context.Context, id string) error {
	return find.Poll(ctx, 100*time.Millisecond, func(ctx context.Context) (bool, error) {
		if err := d.connect(ctx); err != nil {
			return false, err
		}
		var there bool
		err := d.conn.QueryRow(ctx, "SELECT true FROM dt_events WHERE id = $1", id).Scan(&there)
		refused, ok := errors.AsType[*pgconn.PgError](err)
		switch {
		case errors.Is(err, pgx.ErrNoRows), ok && refused.Code == noTable:
			return false, nil
		case err != nil && d.conn.IsClosed() && ctx.Err() == nil:
			return false, nil // the next look connects anew
		case err != nil:
			return false, explain(ctx, err)
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

// Codes of PostgreSQL's errors ("Appendix A. PostgreSQL Error Codes").
const (
	invalidPassword      = "28P01"
	invalidAuthorization = "28000"
	noDatabase           = "3D000"
	noPrivilege          = "42501"
	noTable              = "42P01"
)

// explain returns what can be shown of an error, and what to do about it. pgx's own
// texts name host and user, and the server's repeat names.
func explain(ctx context.Context, err error) error {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && (refused.Code == invalidPassword || refused.Code == invalidAuthorization):
		return errors.New("the database refuses user or password (SQLSTATE " + refused.Code + "): see the URL, or export DATABASE_URL anew, since Heroku changes it at times")
	case ok && refused.Code == noDatabase:
		return fmt.Errorf("%w: the server has no database of that name (SQLSTATE %s)", find.ErrAbsent, refused.Code)
	case ok && refused.Code == noPrivilege:
		return errors.New("the user may not read the events (SQLSTATE " + refused.Code + "): GRANT SELECT, DELETE ON dt_events")
	case ok:
		return errors.New("the database refuses: SQLSTATE " + refused.Code)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errors.New("the database cannot be reached from here: see host and port in the URL, and whether the server lets this machine in")
}
