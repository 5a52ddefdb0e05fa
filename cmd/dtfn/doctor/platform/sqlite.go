package platform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// openSQLite is the find.OpenFunc of the local store. What is found stays: the store is
// kept by one process.
func openSQLite(u *url.URL) (find.Finder, error) {
	path, err := sink.FilePath(u)
	if err != nil {
		return nil, fmt.Errorf("the sink's URL %w", err)
	}
	return &sqlite{path: path}, nil
}

type sqlite struct {
	path string
	last int64 // number of the last event before
}

func (s *sqlite) Prepare(ctx context.Context) error {
	if err := find.CheckFolder(s.path); err != nil {
		return err
	}
	return s.each(ctx, store.Query{Limit: 1, Newest: true}, func(r store.Record) bool {
		s.last = r.Seq
		return false
	})
}

func (s *sqlite) Find(ctx context.Context, id string) error {
	return find.Poll(ctx, 50*time.Millisecond, func(ctx context.Context) (found bool, err error) {
		err = s.each(ctx, store.Query{AfterSeq: s.last}, func(r store.Record) bool {
			found = r.ID == id
			return !found
		})
		return found, err
	})
}

// each calls visit for the events that q wants, until it returns false. A store that is
// not there yet has none.
func (s *sqlite) each(ctx context.Context, q store.Query, visit func(store.Record) bool) (err error) {
	events, err := store.Open(ctx, s.path, store.WithExisting())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	for record, err := range events.Query(ctx, q) {
		if err != nil {
			return err
		}
		if !visit(record) {
			return nil
		}
	}
	return nil
}

func (s *sqlite) Close(context.Context) error { return nil }
