package find_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink/find"
)

func TestOpen(t *testing.T) {
	d := find.Drivers{"file": find.OpenFile, "stdout": find.Blind("nobody sees it")}
	tests := map[string]struct {
		url, want string
		blind     bool
	}{
		"file":         {"file:///data/events", "", false},
		"stdout":       {"stdout:", "", false},
		"upper case":   {"FILE:///data/events", "", false},
		"other scheme": {"amqp://user:marked@host/marked", `"amqp" cannot be looked into, only those of file, stdout`, true},
		"no scheme":    {"marked", `"" cannot be looked into`, true},
		"not a URL":    {"file://%zz:marked", "cannot be parsed", false},
		"nothing":      {"", `"" cannot be looked into`, true},
		"relative":     {"file:marked", "want file:///path/to/file", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := d.Open(test.url)
			if test.want == "" {
				if err != nil || f == nil {
					t.Errorf("got %v, %v", f, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "marked") || errors.Is(err, find.ErrBlind) != test.blind {
				t.Errorf("error %v, want %q in it and nothing secret", err, test.want)
			}
		})
	}
}

func TestBlind(t *testing.T) {
	f, err := find.Blind("nobody sees it")(&url.URL{Scheme: "stdout"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Prepare(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.Find(t.Context(), "id"); !errors.Is(err, find.ErrBlind) || errors.Is(err, find.ErrNotFound) || err.Error() != "nobody sees it" {
		t.Errorf("got %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// The pauses double up to five seconds, and none goes beyond the end.
func TestPollPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		var at []time.Duration
		err := find.Poll(ctx, time.Second, func(context.Context) (bool, error) {
			at = append(at, time.Since(start))
			return false, nil
		})
		if err != find.ErrNotFound || time.Since(start) != 20*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		want := []time.Duration{0, 1, 3, 7, 12, 17}
		for i := range want {
			want[i] *= time.Second
		}
		if len(at) != len(want) {
			t.Fatalf("looked at %v, want %v", at, want)
		}
		for i := range at {
			if at[i] != want[i] {
				t.Errorf("looked at %v, want %v", at, want)
				break
			}
		}
	})
}

func TestPollEnds(t *testing.T) {
	fault := errors.New("fault")
	tests := map[string]struct {
		end   string // how ctx ends during the look: "", deadline or cancelled
		found bool
		err   error
		want  error
	}{
		"found":                      {"", true, nil, nil},
		"fault":                      {"", false, fault, fault},
		"found at the last moment":   {"deadline", true, nil, nil},
		"found as one gives up":      {"cancelled", true, nil, nil},
		"fault because it is late":   {"deadline", false, context.DeadlineExceeded, find.ErrNotFound},
		"not found, late":            {"deadline", false, nil, find.ErrNotFound},
		"fault because of giving up": {"cancelled", false, context.Canceled, context.Canceled},
		"not found, given up":        {"cancelled", false, nil, context.Canceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := find.Poll(ctx, time.Second, func(context.Context) (bool, error) {
					switch test.end {
					case "deadline":
						<-ctx.Done()
					case "cancelled":
						cancel()
					}
					return test.found, test.err
				})
				if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		})
	}
}

// An event that is longer than what is read at a time is found, and so is an id that
// lies across two reads.
func TestFileAcrossReads(t *testing.T) {
	const id = "c0ffee00-own"
	for before := 64<<10 - 2*len(id); before < 64<<10+2*len(id); before++ {
		f := newFile(t)
		finder, err := f.open()
		if err != nil {
			t.Fatal(err)
		}
		if err := finder.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("x", before) + id + strings.Repeat("y", 100<<10)
		if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := finder.Find(ctx, id); err != nil {
			t.Errorf("behind %d bytes: %v", before, err)
		}
		cancel()
	}
}

// Log rotation begins the file anew: what comes then is all new.
func TestFileBegunAnew(t *testing.T) {
	f := newFile(t)
	if err := os.WriteFile(f.path, []byte(strings.Repeat("x", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	finder, err := f.open()
	if err != nil {
		t.Fatal(err)
	}
	if err := finder.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.path, []byte(`{"id":"own"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := finder.Find(t.Context(), "own"); err != nil {
		t.Error(err)
	}
}

// Sinks make their file, but not its folder.
func TestCheckFolder(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path   string
		absent bool
	}{
		"there":        {path, false},
		"not yet":      {filepath.Join(folder, "new"), false},
		"no folder":    {filepath.Join(folder, "absent", "new"), true},
		"under a file": {filepath.Join(path, "new"), true},
	} {
		if err := find.CheckFolder(test.path); errors.Is(err, find.ErrAbsent) != test.absent || (err != nil) != test.absent {
			t.Errorf("%s: %v, want ErrAbsent: %v", name, err, test.absent)
		}
	}
}

// Service Bus takes 50 characters for a subscription, EventBridge 64 for a rule, SQS 80
// for a queue with its suffix.
func TestNewName(t *testing.T) {
	name := find.NewName()
	if !regexp.MustCompile(`^dtfn-doctor-[a-z0-9]{20,38}$`).MatchString(name) || name == find.NewName() {
		t.Errorf("%q", name)
	}
}

func TestErrTakenIsErrNotFound(t *testing.T) {
	if !errors.Is(find.ErrTaken, find.ErrNotFound) {
		t.Error("ErrTaken does not wrap ErrNotFound")
	}
}
