package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

func TestStoreConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{
		New: func(t *testing.T) sinktest.Backend {
			url := "sqlite://" + filepath.ToSlash(filepath.Join(t.TempDir(), "events.db"))
			return backend([]string{url}, url)
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true, DetectsDuplicates: true,
	})
}

func TestFanOutOfStoresConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{
		New: func(t *testing.T) sinktest.Backend {
			dir := filepath.ToSlash(t.TempDir())
			urls := []string{"sqlite://" + dir + "/a.db", "sqlite://" + dir + "/b.db"}
			return backend(urls, urls[0])
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true, DetectsDuplicates: true,
	})
}

func backend(urls []string, read string) sinktest.Backend {
	drivers := sink.Drivers{store.Scheme: store.OpenSink}
	return sinktest.Backend{
		Open: func(ctx context.Context) (sink.Sink, error) { return drivers.Open(ctx, urls) },
		Stored: func(ctx context.Context) ([]sink.Message, error) {
			u, err := drivers.Check(read)
			if err != nil {
				return nil, err
			}
			s, err := store.Open(ctx, u.Path, store.WithExisting())
			if err != nil {
				return nil, err
			}
			defer s.Close()
			var stored []sink.Message
			for r, err := range s.Query(ctx, store.Query{}) {
				if err != nil {
					return nil, err
				}
				stored = append(stored, r.Message)
			}
			return stored, nil
		},
	}
}
