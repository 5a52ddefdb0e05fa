package store_test

import (
	"net/url"
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func TestCheckpoints(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		u := &url.URL{Scheme: store.Scheme, Path: filepath.ToSlash(filepath.Join(t.TempDir(), "events.db"))}
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store {
			s, err := store.OpenCheckpoint(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}}
	})
}

// Events and checkpoints share a file, and neither disturbs the other.
func TestCheckpointsBesideEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	u := &url.URL{Scheme: store.Scheme, Path: filepath.ToSlash(path)}
	events, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	checkpoints, err := store.OpenCheckpoint(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	defer checkpoints.Close()
	revision := ""
	for range 20 {
		if _, err := events.Publish(t.Context(), []sink.Message{{ID: "e" + revision, Data: []byte("{}")}}); err != nil {
			t.Fatal(err)
		}
		if revision, err = checkpoints.Save(t.Context(), "k", []byte(revision), revision); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := events.Count(t.Context()); err != nil || n != 20 {
		t.Errorf("%d events, %v", n, err)
	}
}
