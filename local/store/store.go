// Package store keeps events in one SQLite file: a sink for one machine, and what
// `dtfn events` reads.
//
// An event is acknowledged after the transaction that holds it is on the disk;
// publishers that come at the same time share one transaction. An event's id is
// its key: what is published again is not stored again.
//
// Checkpoints are in the same file, for who needs them: see OpenCheckpoint.
//
// Several processes may have the file open at once, on a local disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Scheme is the scheme of the URLs that OpenSink takes: sqlite:///path/events.db.
const Scheme = "sqlite"

// A Store is an open file of events. It is a [sink.Sink], and safe for concurrent
// use.
type Store struct {
	path    string
	file    fs.FileInfo // what was opened, to notice when it is removed
	options options
	write   *sql.DB // one connection: SQLite has one writer at a time
	read    *sql.DB
	insert  *sql.Stmt // of write
	batcher *sink.Batcher
	changes changes

	close    sync.Once
	closeErr error
}

type options struct {
	now       func() time.Time
	poll      time.Duration
	mustExist bool
}

// An Option changes how a Store is opened.
type Option func(*options)

// WithClock makes the store take the time of receipt from now instead of time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *options) { o.now = now }
}

// WithPollInterval makes Follow look for what other processes stored each d
// instead of each 250 ms. What this Store stores it shows at once.
func WithPollInterval(d time.Duration) Option {
	return func(o *options) { o.poll = d }
}

// WithExisting makes Open fail, with an error that wraps fs.ErrNotExist, where it
// would make a new file.
func WithExisting() Option {
	return func(o *options) { o.mustExist = true }
}

// Open opens the store in the file at path, or makes it, readable by its owner
// alone. The file's directory must exist: a mistyped path would become a new
// directory that nobody reads.
//
// Errors wrap ErrForeign, ErrNewer, an error of io/fs, or SQLite's, and say what to
// do.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	o := options{now: time.Now, poll: 250 * time.Millisecond}
	for _, option := range opts {
		option(&o)
	}
	s := &Store{path: path, options: o}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, explain(err)), s.closeAll())
	}
	return s, nil
}

// OpenSink opens the store that u names, such as sqlite:///data/events.db. It is a
// [sink.OpenFunc].
func OpenSink(ctx context.Context, u *url.URL) (sink.Sink, error) {
	path, err := sink.FilePath(u)
	if err != nil {
		return nil, err
	}
	s, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	path, err := prepareFile(s.path, s.options.mustExist)
	if err != nil {
		return err
	}
	if s.write, err = connect(path, writing, 1); err != nil {
		return err
	}
	if err := migrateInTurn(ctx, s.write); err != nil {
		return err
	}
	if s.read, err = connect(path, reading, 4); err != nil {
		return err
	}
	if s.insert, err = s.write.PrepareContext(ctx, insertEvent); err != nil {
		return err
	}
	if s.file, err = os.Stat(path); err != nil {
		return err
	}
	s.changes.init()
	s.batcher = sink.NewBatcher(s.flush, sink.Limits{})
	return nil
}

// Close waits for what is being published and closes the file. Iterations that
// are under way end with an error that wraps sink.ErrClosed.
func (s *Store) Close() error {
	s.close.Do(func() {
		flushed := s.batcher.Close()
		s.changes.end()
		s.closeErr = errors.Join(flushed, s.closeAll())
	})
	return s.closeErr
}

// closeAll closes what is open, the writer last: the last connection to close
// moves the log into the file.
func (s *Store) closeAll() error {
	var errs []error
	if s.insert != nil {
		errs = append(errs, s.insert.Close())
	}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("store %s: closing: %w", s.path, err)
	}
	return nil
}
