package sink_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// fake is a sink that answers as it is told.
type fake struct {
	result  sink.Result
	err     error
	panics  bool
	got     []sink.Message
	closed  int
	closing error
}

func (f *fake) Publish(_ context.Context, msgs []sink.Message) (sink.Result, error) {
	if f.panics {
		panic("defect")
	}
	f.got = append(f.got, msgs...)
	return f.result, f.err
}

func (f *fake) Close() error {
	f.closed++
	return f.closing
}

// fakes are drivers for fake://NAME; one that is not there cannot be opened.
func fakes(sinks map[string]*fake) sink.Drivers {
	return sink.Drivers{"fake": func(_ context.Context, u *url.URL) (sink.Sink, error) {
		if s, ok := sinks[u.Host]; ok {
			return s, nil
		}
		return nil, errors.New("cannot be opened")
	}}
}

func TestPortableSchemes(t *testing.T) {
	if got, want := (sink.Portable{Stdout: io.Discard}).Drivers().Schemes(), []string{"file", "http", "https", "stdout"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := (sink.Portable{}).Drivers().Schemes(), []string{"file", "http", "https"}; !slices.Equal(got, want) {
		t.Errorf("without standard output: got %q, want %q", got, want)
	}
}

func TestCheck(t *testing.T) {
	drivers := sink.Portable{Stdout: io.Discard}.Drivers()
	for _, good := range []string{"stdout:", "STDOUT:", "file:///data/events.ndjson", "https://user:s3cret@host/path?code=s3cret"} {
		if u, err := drivers.Check(good); err != nil || u == nil {
			t.Errorf("%s: got %v, %v", good, u, err)
		}
	}
	const forms = "file:///path, http://…, https://…, stdout:"
	for bad, want := range map[string]string{
		"":                                   "is empty: want " + forms,
		"  ":                                 "is empty: want " + forms,
		"stdout":                             "has no scheme: want " + forms,
		"/s3cret/events.ndjson":              "has no scheme",
		"kafka://user:s3cret@broker/topic":   `unknown scheme "kafka": want ` + forms,
		"https://user:s3cret%zz@host/":       "percent-encoded",
		"https://host:s3cret/":               "cannot be parsed",
		"postgres://user:s3cret/%@host:5432": "cannot be parsed",
		"https://host/\x00s3cret":            "cannot be parsed",
	} {
		_, err := drivers.Check(bad)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", bad, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: the error tells the secret: %v", bad, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "stdout:", "file:///a", "https://u:p@h/?q#f", "://", "%", "file:%00", "HTTPS://[::1"} {
		f.Add(seed)
	}
	drivers := sink.Portable{Stdout: io.Discard}.Drivers()
	f.Fuzz(func(t *testing.T, text string) {
		u, err := drivers.Check(text)
		if (u == nil) == (err == nil) {
			t.Fatalf("%q: got %v and %v", text, u, err)
		}
		if err == nil && !slices.Contains(drivers.Schemes(), u.Scheme) {
			t.Errorf("%q: scheme %q passed", text, u.Scheme)
		}
		if err == nil && u.Scheme == "file" {
			if path, err := sink.FilePath(u); err == nil && (path == "" || strings.ContainsRune(path, 0)) {
				t.Errorf("%q: path %q passed", text, path)
			}
		}
	})
}

func TestOpenOne(t *testing.T) {
	a := &fake{}
	s, err := fakes(map[string]*fake{"a": a}).Open(t.Context(), []string{"fake://a"})
	if err != nil {
		t.Fatal(err)
	}
	if s != sink.Sink(a) {
		t.Errorf("got %v, want the driver's sink itself", s)
	}
}

func TestOpenFails(t *testing.T) {
	a := &fake{closing: errors.New("disk is gone")}
	b := &fake{}
	drivers := fakes(map[string]*fake{"a": a, "b": b})
	_, err := drivers.Open(t.Context(), []string{"fake://a", "fake://b", "fake://user:s3cret@c/path?key=s3cret#s3cret"})
	if err == nil {
		t.Fatal("opened")
	}
	for _, want := range []string{"sink fake://c/path: cannot be opened", "closing sink fake://a: disk is gone"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error tells a secret: %v", err)
	}
	if a.closed != 1 || b.closed != 1 {
		t.Errorf("closed %d and %d times, want once each", a.closed, b.closed)
	}
	for _, urls := range [][]string{nil, {}, {"fake://a", "kafka://b"}} {
		if _, err := drivers.Open(t.Context(), urls); err == nil || !strings.Contains(err.Error(), "fake://…") {
			t.Errorf("%q: got %v, want an error that names fake://…", urls, err)
		}
	}
	if a.closed != 1 {
		t.Error("opened a sink although another URL was wrong")
	}
}

func TestFanOut(t *testing.T) {
	tests := []struct {
		name       string
		a, b       fake
		duplicates int
		errs       []string
	}{
		{"both have it", fake{}, fake{}, 0, nil},
		{"duplicates are what all had", fake{result: sink.Result{Duplicates: 2}}, fake{result: sink.Result{Duplicates: 1}}, 1, nil},
		{"one cannot tell", fake{}, fake{result: sink.Result{Duplicates: 2}}, 0, nil},
		{"one fails", fake{result: sink.Result{Duplicates: 2}}, fake{err: sink.ErrTooLarge}, 0, []string{"sink fake://b/path: message too large"}},
		{"both fail", fake{err: io.ErrUnexpectedEOF}, fake{err: sink.ErrTooLarge}, 0, []string{"sink fake://a: unexpected EOF", "sink fake://b/path: message too large"}},
		{"one panics", fake{panics: true}, fake{}, 0, []string{"sink fake://a: panic in the sink: defect"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := fakes(map[string]*fake{"a": &test.a, "b": &test.b}).Open(t.Context(), []string{"fake://a", "fake://:s3cret@b/path"})
			if err != nil {
				t.Fatal(err)
			}
			result, err := s.Publish(t.Context(), msgs("x", "y"))
			if result.Duplicates != test.duplicates {
				t.Errorf("%d duplicates, want %d", result.Duplicates, test.duplicates)
			}
			if (err != nil) != (test.errs != nil) {
				t.Fatalf("got error %v, want %q", err, test.errs)
			}
			for _, want := range test.errs {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("got error %v, want %q in it", err, want)
				}
			}
			for _, f := range []*fake{&test.a, &test.b} {
				// Beside an error that may pass with time, ErrTooLarge must not show:
				// the messages would be given up.
				mayPass := test.a.err == io.ErrUnexpectedEOF
				if f.err != nil && errors.Is(err, f.err) == (mayPass && f.err == sink.ErrTooLarge) {
					t.Errorf("%v wraps %v: %v", err, f.err, !mayPass)
				}
				if !f.panics && len(f.got) != 2 {
					t.Errorf("a sink got %d messages, want 2", len(f.got))
				}
			}
			if err := s.Close(); err != nil || test.a.closed != 1 || test.b.closed != 1 {
				t.Errorf("close: %v, closed %d and %d times", err, test.a.closed, test.b.closed)
			}
		})
	}
}

func TestFilePath(t *testing.T) {
	for raw, want := range map[string]string{
		"file:///data/events.ndjson":               "/data/events.ndjson",
		"file:/data/events.ndjson":                 "/data/events.ndjson",
		"file://localhost/data/events.ndjson":      "/data/events.ndjson",
		"file:///data//x/../a%20b%3F%23%25.ndjson": "/data/a b?#%.ndjson",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := sink.FilePath(u); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", raw, got, err, want)
		}
	}
	for raw, want := range map[string]string{
		"file:events.ndjson":         "names no absolute path; want file:///path/to/file",
		"file:":                      "names no absolute path",
		"file:///":                   "names no absolute path",
		"file://events.ndjson":       "names a host before its path",
		"file://data/events.ndjson":  "names a host before its path",
		"file://user:s3cret@/data/x": "names a host before its path",
		"file:///data/":              "names a directory",
		"file:///data/x?mode=s3cret": "takes nothing after its path",
		"file:///data/x?":            "takes nothing after its path",
		"file:///data/x#s3cret":      "takes nothing after its path",
		"file:///data/x%00":          "zero byte",
		"sqlite:events.db":           "want sqlite:///path/to/file",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := sink.FilePath(u); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %q, %v, want %q", raw, got, err, want)
		}
	}
}
