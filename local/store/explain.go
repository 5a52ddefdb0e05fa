package store

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// explain adds what to do to errors of SQLite and of the file system.
func explain(err error) error {
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		// The low byte is the kind, the others are details.
		code := failure.Code() & 0xff
		if code == sqlite3.SQLITE_TOOBIG {
			return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
		}
		if remedy := remedies(code); remedy != "" {
			return fmt.Errorf("%w; %s", err, remedy)
		}
		return err
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err // whoever calls names the path
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; %s", err, remedies(sqlite3.SQLITE_PERM))
	}
	return err
}

func remedies(code int) string {
	switch code {
	case sqlite3.SQLITE_NOTADB:
		return "name another file, or move this one away"
	case sqlite3.SQLITE_CORRUPT:
		return "it is damaged: move it away, or restore it from a backup"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY:
		return "this user must be allowed to write to the file and to its directory, where its log is"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another process holds a lock on it for long: a backup, or a database tool with an open transaction"
	case sqlite3.SQLITE_FULL:
		return "make room on its disk"
	case sqlite3.SQLITE_IOERR:
		return "its disk fails, or is not a local one"
	}
	return ""
}
