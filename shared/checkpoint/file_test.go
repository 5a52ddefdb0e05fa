package checkpoint_test

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/filelock"
)

const key = "projects/p/dataconnectors/c"

// document is the name of the file of key.
const document = "checkpoint-projects.2fp.2fdataconnectors.2fc"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fileURL(dir string) string {
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(dir), "/")}).String()
}

func open(t testing.TB, dir string) checkpoint.Store {
	t.Helper()
	s, err := checkpoint.Portable().Open(t.Context(), fileURL(dir))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func save(t testing.TB, s checkpoint.Store, key, data, revision string) string {
	t.Helper()
	next, err := s.Save(t.Context(), key, []byte(data), revision)
	must(t, err)
	return next
}

func expect(t testing.TB, s checkpoint.Store, key, data, revision string) {
	t.Helper()
	d, err := s.Load(t.Context(), key)
	if err != nil || string(d.Data) != data || d.Revision != revision {
		t.Errorf("got %q as revision %q, %v; want %q as %q", d.Data, d.Revision, err, data, revision)
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFileStoreFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	s := open(t, dir)
	for _, key := range []string{key, "A", strings.Repeat("x", 512)} {
		save(t, s, key, "changed", save(t, s, key, "new", ""))
	}
	names := files(t, dir)
	if len(names) != 4 || !slices.Contains(names, document) || !slices.Contains(names, "checkpoint-.41") || !slices.Contains(names, ".lock") {
		t.Errorf("got %q, want .lock and one file a document", names)
	}
	if runtime.GOOS == "windows" {
		return // its modes say nothing
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700 | fs.ModeDir, filepath.Join(dir, document): 0o600, filepath.Join(dir, ".lock"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: got mode %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

func TestOpenFileStore(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	must(t, os.Mkdir(filepath.Join(dir, "there"), 0o700))
	base := fileURL(dir)
	for _, raw := range []string{
		base + "/there", base + "/there/", base + "/new", base + "/new%20%3F%23%25", base + "/nested/../also",
		strings.Replace(base, "file://", "file://localhost", 1) + "/there",
	} {
		s, err := checkpoint.Portable().Open(t.Context(), raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		save(t, s, raw, "x", "")
		must(t, s.Close())
	}
	if want := []string{"also", "file", "new", "new ?#%", "there"}; !slices.Equal(files(t, dir), want) {
		t.Errorf("got %q, want %q", files(t, dir), want)
	}
	for raw, want := range map[string]string{
		"file:checkpoints":         "names no absolute path",
		"file://":                  "names no absolute path",
		"file:///":                 "names no absolute path",
		"file://checkpoints":       "names a host before its path; want file:///path/to/file, an absolute path after three slashes; it is the path of a directory",
		"file://u:s3cret@/data":    "names a host before its path",
		base + "/x?key=s3cret":     "takes nothing after its path",
		base + "/x#s3cret":         "takes nothing after its path",
		base + "/x%00":             "zero byte",
		base + "/file":             "is a file; name a directory",
		base + "/file/x":           "not a directory",
		base + "/missing/x":        "make it with mkdir -p " + filepath.Join(dir, "missing"),
		base + "/missing/x/y/../z": "make it with mkdir -p " + filepath.Join(dir, "missing", "x"),
	} {
		_, err := checkpoint.Portable().Open(t.Context(), raw)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
}

// What a crash in the midst of a save leaves is neither loaded nor in the way.
func TestFileStoreAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	revision := save(t, s, key, "old", "")
	left := filepath.Join(dir, ".saving")
	must(t, os.WriteFile(left, []byte("half a docu"), 0o644))
	expect(t, s, key, "old", revision)
	revision = save(t, s, key, "new", revision)
	expect(t, open(t, dir), key, "new", revision)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, document)); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the document has the mode of what was left: %v, %v", info.Mode(), err)
	}
}

// A document that something else has changed is neither returned nor overwritten.
func TestFileStoreDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	path := filepath.Join(dir, document)
	first := save(t, s, key, `{"until":1}`, "")
	other := save(t, s, key+"2", "{}", "")
	whole, err := os.ReadFile(path)
	must(t, err)
	of2, err := os.ReadFile(path + "2")
	must(t, err)
	damages := map[string][]byte{
		"empty":           {},
		"one byte less":   whole[:len(whole)-1],
		"one byte more":   append(slices.Clone(whole), '\n'),
		"first half":      whole[:len(whole)/2],
		"without a line":  []byte(`{"until":1}`),
		"another key's":   of2,
		"zero bytes":      make([]byte, len(whole)),
		"line breaks":     []byte(strings.ReplaceAll(string(whole), "\n", "\r\n")),
		"revision":        []byte(strings.Replace(string(whole), first, other, 1)),
		"without one":     []byte(strings.Replace(string(whole), first, "", 1)),
		"a newer version": []byte(strings.Replace(string(whole), "checkpoint-1 ", "checkpoint-2 ", 1)),
		"much longer":     append(slices.Clone(whole), make([]byte, 1<<20)...),
	}
	for i := range whole {
		flipped := slices.Clone(whole)
		flipped[i] ^= 1
		damages["bit of byte "+string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10))] = flipped
	}
	for name, content := range damages {
		must(t, os.WriteFile(path, content, 0o600))
		d, err := s.Load(t.Context(), key)
		if !errors.Is(err, checkpoint.ErrDamaged) || !strings.Contains(err.Error(), path) || d.Data != nil || d.Revision != "" {
			t.Errorf("%s: loaded %q, %v", name, d.Data, err)
		}
		for _, revision := range []string{"", first} {
			if _, err := s.Save(t.Context(), key, []byte("new"), revision); !errors.Is(err, checkpoint.ErrDamaged) {
				t.Errorf("%s: save in the place of %q: %v", name, revision, err)
			}
		}
		if now, err := os.ReadFile(path); err != nil || !slices.Equal(now, content) {
			t.Errorf("%s: it was overwritten: %v", name, err)
		}
	}
	expect(t, s, key+"2", "{}", other)
	// Both remedies: a backup, or none.
	must(t, os.WriteFile(path, whole, 0o600))
	expect(t, s, key, `{"until":1}`, first)
	must(t, os.Remove(path))
	if _, err := s.Save(t.Context(), key, nil, first); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("the revision of a removed document: %v", err)
	}
	if again := save(t, s, key, `{"until":1}`, ""); again == first {
		t.Error("a revision is used again after its document was removed")
	}
}

// While another process saves, this one waits; as long as its context lets it.
func TestFileStoreWaitsForTheLock(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		revision := save(t, s, key, "old", "")
		lock, err := filelock.Open(filepath.Join(dir, ".lock"))
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = s.Load(ctx, key)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "another process has it open") {
			t.Errorf("load: got %v", err)
		}
		if _, err := s.Save(ctx, key, nil, revision); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("save: got %v", err)
		}
		done := make(chan error)
		go func() {
			_, err := s.Save(t.Context(), key, []byte("new"), revision)
			done <- err
		}()
		// A second user of the store waits for the first, and not for ever either.
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Load(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("load beside a save: got %v", err)
		}
		select {
		case err := <-done:
			t.Fatalf("saved while the lock was held: %v", err)
		default:
		}
		must(t, lock.Close())
		must(t, <-done)
	})
}

func TestFileStoreWithoutItsDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	s := open(t, dir)
	save(t, s, key, "x", "")
	must(t, os.RemoveAll(dir))
	// It is not as if there had never been a checkpoint.
	if d, err := s.Load(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("load: got %+v, %v", d, err)
	}
	if _, err := s.Save(t.Context(), key, nil, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("save: got %v", err)
	}
}

func BenchmarkFileSave(b *testing.B) {
	s := open(b, b.TempDir())
	data := make([]byte, 1000)
	revision := ""
	b.ReportAllocs()
	for b.Loop() {
		next, err := s.Save(b.Context(), key, data, revision)
		must(b, err)
		revision = next
	}
}
