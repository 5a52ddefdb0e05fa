package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func fileURL(path string) *url.URL {
	return &url.URL{Scheme: store.Scheme, Path: "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")}
}

func openCheckpoint(t testing.TB, path string) checkpoint.Store {
	t.Helper()
	s, err := checkpoint.Drivers{store.Scheme: store.OpenCheckpoint}.Open(t.Context(), fileURL(path).String())
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestCheckpointsConform(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		path := filepath.Join(t.TempDir(), "events.db")
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return openCheckpoint(t, path) }}
	})
}

// The same, in a file where events are stored all the while.
func TestCheckpointsBesideEventsConform(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		path := filepath.Join(t.TempDir(), "events.db")
		events := open(t, path)
		ctx := context.WithoutCancel(t.Context()) // which ends before the clean-up
		var published int64
		var publisher sync.WaitGroup
		stop := make(chan struct{})
		publisher.Go(func() {
			for {
				if _, err := events.Publish(ctx, []sink.Message{message(fmt.Sprint(published))}); err != nil {
					t.Error(err)
					return
				}
				published++
				select {
				case <-stop:
					return
				default:
				}
			}
		})
		t.Cleanup(func() {
			close(stop)
			publisher.Wait()
			if n, err := events.Count(ctx); err != nil || n != published {
				t.Errorf("%d events stored, %v, want %d", n, err, published)
			}
		})
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return openCheckpoint(t, path) }, Writers: 4}
	})
}

func TestOpenCheckpointErrors(t *testing.T) {
	dir := t.TempDir()
	for u, want := range map[string]string{
		"sqlite:events.db":                "want sqlite:///path/to/file",
		"sqlite:///events.db?mode=s3cret": "takes nothing after its path",
		"sqlite:///missing/events.db":     "checkpoint sqlite:///missing/events.db: store /missing/events.db: its directory does not exist",
		fileURL(dir).String():             "is a directory; name a file in it",
	} {
		_, err := checkpoint.Drivers{store.Scheme: store.OpenCheckpoint}.Open(t.Context(), u)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", u, err, want)
		}
	}
}

// A revision is the text that was returned, not the number in it.
func TestCheckpointRevisionIsExact(t *testing.T) {
	c := openCheckpoint(t, filepath.Join(t.TempDir(), "events.db"))
	revision, err := c.Save(t.Context(), "k", []byte("x"), "")
	must(t, err)
	for _, other := range []string{" " + revision, revision + " ", "0" + revision, "+" + revision, revision + ".0", revision + "e0", revision + "\x00"} {
		if _, err := c.Save(t.Context(), "k", []byte("y"), other); !errors.Is(err, checkpoint.ErrConflict) {
			t.Errorf("%q, which is not %q: got %v, want ErrConflict", other, revision, err)
		}
	}
}

// A revision is not used again after its document was removed by hand.
func TestCheckpointRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	c := openCheckpoint(t, path)
	revision, err := c.Save(t.Context(), "k", []byte("x"), "")
	must(t, err)
	raw(t, path, "DELETE FROM checkpoints")
	if d, err := c.Load(t.Context(), "k"); err != nil || d.Revision != "" || d.Data != nil {
		t.Errorf("got %+v, %v, want none", d, err)
	}
	again, err := c.Save(t.Context(), "k", []byte("x"), "")
	if err != nil || again == revision {
		t.Errorf("saved as revision %q, %v, after %q", again, err, revision)
	}
}

func TestCheckpointOfARemovedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	c := openCheckpoint(t, path)
	revision, err := c.Save(t.Context(), "k", []byte("x"), "")
	must(t, err)
	must(t, os.Rename(path, path+".away"))
	if d, err := c.Load(t.Context(), "k"); err == nil || !strings.Contains(err.Error(), "removed or replaced") {
		t.Errorf("load: got %+v, %v, want an error that says so", d, err)
	}
	if _, err := c.Save(t.Context(), "k", []byte("y"), revision); err == nil || !strings.Contains(err.Error(), "removed or replaced") {
		t.Errorf("save: got %v, want an error that says so", err)
	}
	must(t, os.Rename(path+".away", path))
	_, err = c.Save(t.Context(), "k", []byte("y"), revision)
	must(t, err)
}

func TestCheckpointWaitsForALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	c := openCheckpoint(t, path)
	other := raw(t, path)
	other.SetMaxOpenConns(1)
	_, err := other.Exec("BEGIN IMMEDIATE")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Save(ctx, "k", []byte("x"), ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("save: got %v, want the context's error", err)
	}
	if d, err := c.Load(t.Context(), "k"); err != nil || d.Revision != "" {
		t.Errorf("load: got %+v, %v: a reader waits for nobody", d, err)
	}
	_, err = other.Exec("COMMIT")
	must(t, err)
	_, err = c.Save(t.Context(), "k", []byte("x"), "")
	must(t, err)
}

func BenchmarkCheckpointSave(b *testing.B) {
	c := openCheckpoint(b, filepath.Join(b.TempDir(), "events.db"))
	data := make([]byte, 1000)
	revision := ""
	b.ReportAllocs()
	for b.Loop() {
		next, err := c.Save(b.Context(), "k", data, revision)
		must(b, err)
		revision = next
	}
}
