// Package checkpointtest has the tests that every checkpoint store passes, and a
// store in memory for the tests of others.
package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// Options say what is tested.
type Options struct {
	// Open opens the store, an empty one at first. Called again in the same test it
	// opens another Store on the same documents, as another process would; both may
	// be in use at once. Required.
	Open func(t *testing.T) checkpoint.Store
	// Writers is how many goroutines change one document at a time; 0 means 8. Fewer
	// are for stores that are slow under contention.
	Writers int
}

// Run runs all tests. open is called for each of them; each gets documents of its
// own.
func Run(t *testing.T, open func(t *testing.T) Options) {
	for _, test := range tests() {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

type test struct {
	name string
	run  func(t *testing.T, o Options)
}

func tests() []test {
	return []test{
		{"missing document", missing},
		{"what is saved is loaded", contents},
		{"revisions", revisions},
		{"keys do not mix", keys},
		{"keys and documents that cannot be", refused},
		{"another process sees it", reopened},
		{"conflicts between processes", conflicts},
		{"many writers lose nothing", writers},
		{"ended context", ended},
		{"closed", closed},
	}
}

const key = "projects/p/dataconnectors/c"

func open(t *testing.T, o Options) checkpoint.Store {
	t.Helper()
	s := o.Open(t)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func save(t *testing.T, s checkpoint.Store, key, data, revision string) string {
	t.Helper()
	next, err := s.Save(t.Context(), key, []byte(data), revision)
	if err != nil {
		t.Fatalf("save: %v", err)
	}
	if next == "" {
		t.Fatal("save returned no revision")
	}
	return next
}

func load(t *testing.T, s checkpoint.Store, key string) checkpoint.Document {
	t.Helper()
	d, err := s.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return d
}

func missing(t *testing.T, o Options) {
	s := open(t, o)
	if d := load(t, s, key); d.Revision != "" || d.Data != nil {
		t.Errorf("a document that is not there: %+v", d)
	}
	if _, err := s.Save(t.Context(), key, []byte("x"), "1"); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("replacing one that is not there: %v, want ErrConflict", err)
	}
}

func contents(t *testing.T, o Options) {
	s := open(t, o)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	revision := ""
	for _, data := range [][]byte{{}, []byte("{}"), all, bytes.Repeat([]byte("0123456789abcdef"), checkpoint.MaxSize/16), []byte("short again")} {
		next, err := s.Save(t.Context(), key, data, revision)
		if err != nil {
			t.Fatalf("%d bytes: %v", len(data), err)
		}
		d := load(t, s, key)
		if !bytes.Equal(d.Data, data) || d.Data == nil || d.Revision != next {
			t.Errorf("saved %d bytes as %q, loaded %d as %q", len(data), next, len(d.Data), d.Revision)
		}
		revision = next
	}
}

func revisions(t *testing.T, o Options) {
	s := open(t, o)
	first := save(t, s, key, "a", "")
	for _, revision := range []string{"", first + "0"} {
		if _, err := s.Save(t.Context(), key, []byte("b"), revision); !errors.Is(err, checkpoint.ErrConflict) {
			t.Errorf("revision %q of a document of %q: %v, want ErrConflict", revision, first, err)
		}
	}
	second := save(t, s, key, "b", first)
	third := save(t, s, key, "a", second) // the first text again
	if first == second || second == third || first == third {
		t.Errorf("revisions %q, %q, %q", first, second, third)
	}
	if _, err := s.Save(t.Context(), key, []byte("c"), first); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("an old revision of the same text: %v, want ErrConflict", err)
	}
	if d := load(t, s, key); string(d.Data) != "a" || d.Revision != third {
		t.Errorf("after conflicts: %+v", d)
	}
}

func keys(t *testing.T, o Options) {
	s := open(t, o)
	names := []string{
		"a", "A", "a/b", "a/b/c", "a.b", "a b", "a%2Fb", "a/../b", "..", ".", "/", "a/", "~", "a@1", "a*", "a?", "[a]", "ä", "\u00e4x", "日本", "a\nb", "a'b",
		strings.Repeat("x", 512), strings.Repeat("X", 512), strings.Repeat("x", 511), strings.Repeat("ü", 256),
		"projects/p/dataconnectors/c", "projects/p/dataconnectors/c1",
	}
	for i, name := range names {
		save(t, s, name, fmt.Sprint(i), "")
	}
	for i, name := range names {
		if d := load(t, s, name); string(d.Data) != fmt.Sprint(i) {
			t.Errorf("key %.40q holds %q, want %d", name, d.Data, i)
		}
	}
}

func refused(t *testing.T, o Options) {
	s := open(t, o)
	for _, name := range []string{"", strings.Repeat("x", 513)} {
		if _, err := s.Load(t.Context(), name); !errors.Is(err, checkpoint.ErrKey) {
			t.Errorf("loading a key of %d bytes: %v", len(name), err)
		}
		if _, err := s.Save(t.Context(), name, nil, ""); !errors.Is(err, checkpoint.ErrKey) {
			t.Errorf("saving a key of %d bytes: %v", len(name), err)
		}
	}
	if _, err := s.Save(t.Context(), key, make([]byte, checkpoint.MaxSize+1), ""); !errors.Is(err, checkpoint.ErrTooLarge) {
		t.Errorf("a document that is too long: %v", err)
	}
	if d := load(t, s, key); d.Revision != "" {
		t.Error("it was saved none the less")
	}
}

func reopened(t *testing.T, o Options) {
	s := open(t, o)
	revision := save(t, s, key, "kept", "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, o)
	if d := load(t, again, key); string(d.Data) != "kept" || d.Revision != revision {
		t.Errorf("after opening it again: %+v, want revision %q", d, revision)
	}
	save(t, again, key, "changed", revision)
}

func conflicts(t *testing.T, o Options) {
	one, two := open(t, o), open(t, o)
	first := save(t, one, key, "one", "")
	if d := load(t, two, key); string(d.Data) != "one" || d.Revision != first {
		t.Errorf("the other sees %+v", d)
	}
	second := save(t, two, key, "two", first)
	if _, err := one.Save(t.Context(), key, []byte("three"), first); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("overwriting what the other has saved: %v, want ErrConflict", err)
	}
	if d := load(t, one, key); string(d.Data) != "two" || d.Revision != second {
		t.Errorf("after the conflict: %+v", d)
	}
}

// writers count together in one document, each by reading it and saving it anew
// when nobody else has.
func writers(t *testing.T, o Options) {
	n := o.Writers
	if n == 0 {
		n = 8
	}
	const each = 5
	var done sync.WaitGroup
	for range n {
		s := open(t, o)
		done.Go(func() {
			for range each {
				if err := increment(t.Context(), s); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
	if d := load(t, open(t, o), key); string(d.Data) != strconv.Itoa(n*each) {
		t.Errorf("%d writers counted to %s in %d steps", n, d.Data, n*each)
	}
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
				return fmt.Errorf("a document that nobody has saved: %w", err)
			}
		}
		_, err = s.Save(ctx, key, []byte(strconv.Itoa(count+1)), d.Revision)
		if err == nil {
			return nil
		}
		if !errors.Is(err, checkpoint.ErrConflict) {
			return fmt.Errorf("save: %w", err)
		}
	}
}

func ended(t *testing.T, o Options) {
	s := open(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Load(ctx, key); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v", err)
	}
	if _, err := s.Save(ctx, key, []byte("x"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("save: %v", err)
	}
	if d := load(t, s, key); d.Revision != "" {
		t.Errorf("it was saved none the less: %+v", d)
	}
}

func closed(t *testing.T, o Options) {
	s := open(t, o)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := s.Load(t.Context(), key); !errors.Is(err, checkpoint.ErrClosed) {
		t.Errorf("load: %v, want ErrClosed", err)
	}
	if _, err := s.Save(t.Context(), key, nil, ""); !errors.Is(err, checkpoint.ErrClosed) {
		t.Errorf("save: %v, want ErrClosed", err)
	}
}
