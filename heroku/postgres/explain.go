package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Codes of PostgreSQL's errors ("Appendix A. PostgreSQL Error Codes").
const (
	invalidPassword      = "28P01"
	invalidAuthorization = "28000"
	noDatabase           = "3D000"
	noPrivilege          = "42501"
	noTable              = "42P01"
	readOnly             = "25006"
	diskFull             = "53100"
	tooManyConnections   = "53300"
	limitExceeded        = "54000"
	lockNotAvailable     = "55P03"
	queryCanceled        = "57014"
	adminShutdown        = "57P01"
	crashShutdown        = "57P02"
	cannotConnectNow     = "57P03"
	idleSessionTimeout   = "57P05"
)

// lost tells whether err means that a connection was lost, or was no use any more,
// rather than that what was asked for was refused.
func lost(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch refused.Code {
		case adminShutdown, crashShutdown, idleSessionTimeout, readOnly:
			// readOnly: the server behind this connection has become a standby.
			return true
		}
		return strings.HasPrefix(refused.Code, "08")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return false // a new connection would fail too
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		!errors.Is(err, ErrNewer) && !errors.Is(err, ErrEncoding)
}

// safe tells whether what ended with err may be done again, since nothing of it
// can have reached the server.
func safe(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && pgconn.SafeToRetry(err) && lost(err)
}

// explain adds what to do to errors of PostgreSQL, and leaves out what they say of
// the user.
func explain(err error) error {
	if failed, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = fmt.Errorf("cannot connect: %w", failed.Unwrap())
	}
	refused, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	if refused.Code == limitExceeded {
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	}
	if remedy := remedy(refused.Code); remedy != "" {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	return err
}

func remedy(code string) string {
	switch code {
	case invalidPassword, invalidAuthorization:
		return "check user and password, and whether the server lets this address in; one that refuses unencrypted connections wants sslmode=require"
	case noDatabase:
		return "make the database, or name another in the URL"
	case noPrivilege:
		return "grant the user SELECT and INSERT on dt_events, and for the first start CREATE on its schema; Heroku takes INSERT away from a database that has outgrown its plan"
	case noTable:
		return "a table was removed by hand: put it back, or drop dt_schema too to begin anew"
	case readOnly:
		return "this server is a standby: name the primary in the URL, or all hosts with target_session_attrs=read-write"
	case diskFull:
		return "make room on the server's disk: delete old events, or take a larger plan"
	case tooManyConnections:
		return "the server allows fewer connections than its clients have: run fewer instances, use a pooler, or take a larger plan"
	case lockNotAvailable, queryCanceled:
		return "the server is overloaded, or someone holds a lock on the table for long"
	case cannotConnectNow:
		return "the server is starting or stopping"
	}
	return ""
}
