package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// The settings of a connection (https://www.sqlite.org/pragma.html). They are
// applied in an order that the driver fixes, busy_timeout first.
const (
	// Writers and checkpoints of other processes are waited for, in ms: less than
	// a flush may take in all.
	common = "_busy_timeout=5000&_dqs=0&_error_rc=1"

	// WAL: readers and the writer do not wait for each other.
	//
	// synchronous=FULL: with NORMAL, SQLite's advice for WAL, a commit is only
	// handed to the operating system, and the log is synced when it is moved into
	// the file; a power cut then takes the last commits, whose events DT was told
	// are safe. FULL syncs the log at every commit.
	//
	// fullfsync: on macOS a plain fsync leaves the data in the drive's cache.
	//
	// journal_size_limit: bytes that the log keeps on the disk once it is moved
	// into the file.
	writing = common + "&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate" +
		"&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)&_pragma=journal_size_limit(67108864)"

	reading = common + "&mode=rw&_query_only=1"
)

// connect returns a pool of connections, none of which is open yet.
func connect(path, settings string, connections int) (*sql.DB, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: settings}).String()
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// prepareFile returns path made absolute, after it has made the file when there
// is none. It must not open a file that is there: closing it again would end all
// locks that this process has on it (POSIX record locks), those of another Store
// included.
func prepareFile(path string, mustExist bool) (string, error) {
	if path == "" {
		return "", errors.New("no path")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return "", errors.New("is a directory; name a file in it, such as " + filepath.Join(path, "events.db"))
	case err == nil && !info.Mode().IsRegular():
		return "", errors.New("is not a regular file; name another")
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	case mustExist:
		return "", fmt.Errorf("%w; name the file that the receiver stores in", fs.ErrNotExist)
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("its directory does not exist: %w; make it with mkdir -p %s", fs.ErrNotExist, filepath.Dir(path))
	}
	// SQLite itself would make it readable by all; it gives the log the mode of
	// the file.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return path, nil // another process was faster
	}
	if err != nil {
		return "", err
	}
	return path, file.Close()
}
