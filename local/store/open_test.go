package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path, options...)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// raw opens the file at path past the store.
func raw(t *testing.T, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	for _, statement := range statements {
		_, err := db.Exec(statement)
		must(t, err)
	}
	return db
}

func message(id string) sink.Message {
	return sink.Message{ID: id, Key: "device", Data: []byte(`{"id":"` + id + `"}`)}
}

func publish(t testing.TB, s *store.Store, ids ...string) {
	t.Helper()
	var msgs []sink.Message
	for _, id := range ids {
		msgs = append(msgs, message(id))
	}
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
}

func expectIDs(t *testing.T, s *store.Store, q store.Query, want string) {
	t.Helper()
	var ids []string
	for r, err := range s.Query(t.Context(), q) {
		must(t, err)
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("%+v: got %q, want %q", q, got, want)
	}
}

func TestOpenPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, path := range []string{
		filepath.Join(dir, "events.db"),
		filepath.Join(dir, "a b?mode=ro#c%41&_synchronous=OFF.db"),
		filepath.Join(dir, "Kjøl 冷.db"),
		"relative.db",
	} {
		s := open(t, path)
		publish(t, s, "a")
		must(t, s.Close())
		info, err := os.Stat(path)
		must(t, err)
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, want 0600", path, info.Mode())
		}
		s = open(t, path, store.WithExisting())
		expectIDs(t, s, store.Query{}, "a")
		must(t, s.Close())
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 4 {
		t.Errorf("4 stores left %d files: %v", len(entries), entries)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.WriteFile(path("events.ndjson"), []byte(strings.Repeat("{}\n", 1000)), 0o600))
	must(t, os.WriteFile(path("short"), []byte("{}"), 0o600))
	must(t, raw(t, path("foreign.db"), "CREATE TABLE users (name TEXT)").Close())
	must(t, raw(t, path("versioned.db"), "PRAGMA user_version = 1").Close())
	must(t, open(t, path("newer.db")).Close())
	must(t, raw(t, path("newer.db"), "PRAGMA user_version = 99").Close())
	must(t, open(t, path("damaged.db")).Close())
	damage(t, path("damaged.db"))

	tests := []struct {
		path, want string
		is         error
		options    []store.Option
	}{
		{path: "", want: "no path"},
		{path: dir, want: "is a directory; name a file in it, such as " + path("events.db")},
		{path: path("missing/events.db"), want: "make it with mkdir -p " + path("missing"), is: fs.ErrNotExist},
		{path: path("short/events.db"), want: "not a directory"},
		{path: path("new.db"), want: "name the file that the receiver stores in", is: fs.ErrNotExist, options: []store.Option{store.WithExisting()}},
		{path: path("events.ndjson"), want: "file is not a database (26); name another file, or move this one away"},
		{path: path("short"), want: "file is not a database (26); name another file, or move this one away"},
		{path: path("foreign.db"), want: "name another file", is: store.ErrForeign},
		{path: path("versioned.db"), want: "name another file", is: store.ErrForeign},
		{path: path("newer.db"), want: "update this one: its schema is version 99, this program knows 2", is: store.ErrNewer},
		{path: path("damaged.db"), want: "it is damaged: move it away, or restore it from a backup"},
	}
	for _, test := range tests {
		t.Run(filepath.Base(test.path), func(t *testing.T) {
			s, err := store.Open(t.Context(), test.path, test.options...)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !strings.HasPrefix(err.Error(), "store "+test.path+": ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %q", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
	for _, name := range []string{"missing", "new.db"} {
		if _, err := os.Stat(path(name)); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

// damage overwrites the schema page's content, not the file's header.
func damage(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xff", 3900)), 100)
	must(t, err)
	must(t, f.Close())
}

// A receiver and others that are started together make one file.
func TestOpenANewFileBySeveral(t *testing.T) {
	for round := range 100 {
		path := filepath.Join(t.TempDir(), "events.db")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				s, err := store.Open(t.Context(), path)
				if err != nil {
					t.Errorf("round %d: %v", round, err)
					return
				}
				if err := s.Close(); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
	}
}

func TestOpenWaitsForALockAndSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	must(t, open(t, path).Close())
	other := raw(t, path)
	other.SetMaxOpenConns(1)
	_, err := other.Exec("BEGIN IMMEDIATE")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Open(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	_, err = other.Exec("COMMIT")
	must(t, err)
	publish(t, open(t, path), "a")
}

func TestOpenSink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	drivers := sink.Drivers{store.Scheme: store.OpenSink}
	s, err := drivers.Open(t.Context(), []string{(&url.URL{Scheme: "sqlite", Path: filepath.ToSlash(path)}).String()})
	must(t, err)
	must(t, s.Close())
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	for raw, want := range map[string]string{
		"sqlite:events.db":            "want sqlite:///path/to/file",
		"sqlite:///events.db?mode=ro": "takes nothing after its path",
		"sqlite:///missing/events.db": "sink sqlite:///missing/events.db: store /missing/events.db: its directory does not exist",
	} {
		if _, err := drivers.Open(t.Context(), []string{raw}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
}
