package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// version1 makes a file as the first version of the program did, and returns its
// path.
func version1(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	must(t, err)
	path := filepath.Join(t.TempDir(), "events.db")
	must(t, raw(t, path, string(text)).Close())
	return path
}

func schemaVersion(t *testing.T, path string) (version int) {
	t.Helper()
	must(t, raw(t, path).QueryRow("PRAGMA user_version").Scan(&version))
	return version
}

func TestUpgradeKeepsEvents(t *testing.T) {
	path := version1(t)
	s := open(t, path, store.WithExisting())
	var got []string
	for r, err := range s.Query(t.Context(), store.Query{}) {
		must(t, err)
		got = append(got, fmt.Sprintf("%d %s %s %+v %v %q", r.Seq, r.ID, r.Key, r.Attributes, r.ReceivedAt.UnixMilli(), r.Data))
	}
	want := []string{
		fmt.Sprintf("1 a d1 %+v 1700000000123 %q", sink.Attributes{EventType: "touch", DeviceType: "touch", ProjectID: "p"}, "{}"),
		fmt.Sprintf("2 b d2 %+v 1700000001123 %q", sink.Attributes{EventType: "temperature", DeviceType: "humidity", ProjectID: "p", Recovered: true}, "\x00\xff"),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v := schemaVersion(t, path); v != 2 {
		t.Errorf("the schema is version %d, want 2", v)
	}
	// Numbers go on after the deleted event, and ids are still known.
	result, err := s.Publish(t.Context(), []sink.Message{message("a"), message("c")})
	if err != nil || result.Duplicates != 1 {
		t.Errorf("got %+v, %v, want 1 duplicate", result, err)
	}
	for r, err := range s.Query(t.Context(), store.Query{AfterSeq: 2}) {
		if err != nil || r.Seq <= 3 || r.ID != "c" {
			t.Errorf("got number %d, %s, %v, want c with a number above 3", r.Seq, r.ID, err)
		}
	}
	c := openCheckpoint(t, path)
	_, err = c.Save(t.Context(), "k", []byte("x"), "")
	must(t, err)
	must(t, s.Close())
	expectIDs(t, open(t, path), store.Query{}, "a b c")
}

// Programs that are started at the same time upgrade once.
func TestUpgradeBySeveral(t *testing.T) {
	path := version1(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if _, err := s.Publish(t.Context(), []sink.Message{message(fmt.Sprint(i))}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, err := open(t, path).Count(t.Context()); n != 10 || err != nil {
		t.Errorf("%d events, %v, want 10", n, err)
	}
}

// A process of the old version that has the file open goes on, and is heard.
func TestUpgradeBesideTheOldVersion(t *testing.T) {
	path := version1(t)
	old := raw(t, path)
	insert, err := old.Prepare("INSERT INTO events VALUES (NULL, ?, 'd', 't', 't', 'p', 0, '', 0, x'') ON CONFLICT (id) DO NOTHING")
	must(t, err)
	defer insert.Close()
	_, err = insert.Exec("before")
	must(t, err)
	s := open(t, path, store.WithPollInterval(time.Millisecond))
	f := follow(t, s, store.Query{AfterSeq: 2})
	f.expect("before")
	_, err = insert.Exec("after")
	must(t, err)
	f.expect("after")
}

// An upgrade that fails changes nothing.
func TestUpgradeFails(t *testing.T) {
	path := version1(t)
	must(t, raw(t, path, "CREATE TABLE checkpoints (mine TEXT)").Close())
	s, err := store.Open(t.Context(), path)
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	if !strings.Contains(err.Error(), "store "+path+": changing the schema: ") || !strings.Contains(err.Error(), "checkpoints already exists") {
		t.Errorf("got %v", err)
	}
	if v := schemaVersion(t, path); v != 1 {
		t.Errorf("the schema is version %d, want 1", v)
	}
	must(t, raw(t, path, "DROP TABLE checkpoints").Close())
	expectIDs(t, open(t, path), store.Query{}, "a b")
}
