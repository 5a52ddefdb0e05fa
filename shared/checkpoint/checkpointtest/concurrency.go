package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// manyWriters count together in one document, each by loading it and saving it anew
// when nobody else has in the meantime. Half of them share a store.
func manyWriters(ctx context.Context, p *probe) error {
	const each = 5
	stores := make([]checkpoint.Store, p.options.Writers)
	for i := range stores {
		stores[i] = p.Store
		if i%2 == 1 {
			stores[i] = p.open()
		}
	}
	err := inParallel(len(stores), func(i int) error {
		for range each {
			if err := increment(ctx, stores[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d, err := p.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if got, want := string(d.Data), strconv.Itoa(each*len(stores)); got != want {
		return fmt.Errorf("%d writers that added 1 %d times came to %s, want %s", len(stores), each, got, want)
	}
	return nil
}

func increment(ctx context.Context, s checkpoint.Store) error {
	for {
		d, err := s.Load(ctx, key)
		if err != nil {
			return fmt.Errorf("load: %w", err)
		}
		count := 0
		if d.Revision != "" {
			if count, err = strconv.Atoi(string(d.Data)); err != nil {
				return fmt.Errorf("loaded a document that nobody has saved: %w", err)
			}
		}
		_, err = save(ctx, s, key, strconv.AppendInt(nil, int64(count+1), 10), d.Revision)
		if err == nil || !errors.Is(err, checkpoint.ErrConflict) {
			return err
		}
	}
}

// manyMakers all find no document, and one of them makes it.
func manyMakers(ctx context.Context, p *probe) error {
	stores := make([]checkpoint.Store, p.options.Writers)
	for i := range stores {
		stores[i] = p.open()
	}
	var made atomic.Int64
	var revision, data atomic.Value
	err := inParallel(len(stores), func(i int) error {
		mine := fmt.Append(nil, "made by ", i)
		next, err := save(ctx, stores[i], key, mine, "")
		if errors.Is(err, checkpoint.ErrConflict) {
			return nil
		}
		if err == nil {
			made.Add(1)
			revision.Store(next)
			data.Store(mine)
		}
		return err
	})
	if err != nil {
		return err
	}
	if n := made.Load(); n != 1 {
		return fmt.Errorf("%d of %d stores made the same document, want 1", n, len(stores))
	}
	return expect(ctx, p, key, data.Load().([]byte), revision.Load().(string))
}

func endedContext(ctx context.Context, p *probe) error {
	revision, err := save(ctx, p, key, []byte("before"), "")
	if err != nil {
		return err
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Load(cancelled, key); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("load with a cancelled context: got error %v, want context.Canceled", err)
	}
	if _, err := p.Save(cancelled, key, []byte("cancelled"), revision); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("save with a cancelled context: got error %v, want context.Canceled", err)
	}
	if err := expect(ctx, p, key, []byte("before"), revision); err != nil {
		return fmt.Errorf("after a save with a cancelled context: %w", err)
	}
	_, err = save(ctx, p, key, []byte("after"), revision)
	return err
}

// contextEndsMidway cancels saves while they are done. Each is done or not, and what
// was returned tells no lie about it. One that was cancelled may be done later, as by
// a server that has the request, but only until another one is.
func contextEndsMidway(ctx context.Context, p *probe) error {
	var now checkpoint.Document
	var cancelled []string // what may still take the place of now
	for i := range 16 {
		data := fmt.Sprintf("document %d", i)
		next, err := saveAndCancel(ctx, p, []byte(data), now.Revision)
		switch {
		case err == nil:
			if err := expect(ctx, p, key, []byte(data), next); err != nil {
				return err
			}
			now, cancelled = checkpoint.Document{Data: []byte(data), Revision: next}, nil
			continue
		case errors.Is(err, context.Canceled):
			cancelled = append(cancelled, data)
		case errors.Is(err, checkpoint.ErrConflict) && cancelled != nil:
		default:
			return fmt.Errorf("save with a context that is cancelled: got error %w, want context.Canceled", err)
		}
		d, err := p.Load(ctx, key)
		switch {
		case err != nil:
			return fmt.Errorf("load: %w", err)
		case d.Revision == now.Revision && bytes.Equal(d.Data, now.Data):
		case d.Revision != now.Revision && slices.Contains(cancelled, string(d.Data)):
			now, cancelled = d, nil
		default:
			return fmt.Errorf("after a cancelled save of %q: loaded revision %q with %s, want revision %q with %s, or another with the new data",
				data, d.Revision, describe(d.Data), now.Revision, describe(now.Data))
		}
	}
	return nil
}

// saveAndCancel saves data and, meanwhile, cancels it.
func saveAndCancel(ctx context.Context, p *probe, data []byte, revision string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	var canceller sync.WaitGroup
	canceller.Go(cancel)
	defer canceller.Wait()
	return p.Save(ctx, key, data, revision)
}

func closing(ctx context.Context, p *probe) error {
	revision, err := save(ctx, p, key, []byte("before"), "")
	if err != nil {
		return err
	}
	for range 2 {
		if err := p.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
		if _, err := p.Load(ctx, key); !errors.Is(err, checkpoint.ErrClosed) {
			return fmt.Errorf("load after close: got error %v, want ErrClosed", err)
		}
		if _, err := p.Save(ctx, key, []byte("after"), revision); !errors.Is(err, checkpoint.ErrClosed) {
			return fmt.Errorf("save after close: got error %v, want ErrClosed", err)
		}
	}
	return expect(ctx, p.open(), key, []byte("before"), revision)
}

// closeMidway closes the store under those who use it: each is served or refused.
func closeMidway(ctx context.Context, p *probe) error {
	revisions := make([]string, 2*p.options.Writers)
	name := func(i int) string { return fmt.Sprintf("%s-%d", key, i) }
	err := inParallel(len(revisions)+1, func(i int) error {
		if i == len(revisions)/2 {
			return p.Close()
		}
		if i > len(revisions)/2 {
			i--
		}
		next, err := save(ctx, p, name(i), fmt.Append(nil, i), "")
		if errors.Is(err, checkpoint.ErrClosed) {
			return nil
		}
		revisions[i] = next
		return err
	})
	if err != nil {
		return err
	}
	after := p.open()
	for i, revision := range revisions {
		if revision == "" {
			continue
		}
		if err := expect(ctx, after, name(i), fmt.Append(nil, i), revision); err != nil {
			return fmt.Errorf("saved while the store was being closed: %w", err)
		}
	}
	return nil
}

// inParallel calls f with 0 to n-1, all at once, and returns the first error.
func inParallel(n int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
