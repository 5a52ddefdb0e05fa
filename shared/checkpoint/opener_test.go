package checkpoint_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
)

func TestPortableSchemes(t *testing.T) {
	if got, want := checkpoint.Portable().Schemes(), []string{"file"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// The map is the caller's: a program adds its own drivers.
	d := checkpoint.Portable()
	d["s3"] = nil
	if _, ok := checkpoint.Portable()["s3"]; ok {
		t.Error("one program's drivers are those of all")
	}
}

// drivers are file and, for s3://bucket/path, a store in memory; buckets other than
// "there" cannot be opened.
func drivers() checkpoint.Drivers {
	d := checkpoint.Portable()
	d["s3"] = func(_ context.Context, u *url.URL) (checkpoint.Store, error) {
		if u.Host != "there" {
			return nil, errors.New("no such bucket")
		}
		return checkpointtest.NewMemory(), nil
	}
	return d
}

func TestCheck(t *testing.T) {
	for _, good := range []string{"file:///data/checkpoints", "FILE:///data", "s3://user:s3cret@there/path?key=s3cret"} {
		if u, err := drivers().Check(good); err != nil || u == nil {
			t.Errorf("%s: got %v, %v", good, u, err)
		}
	}
	const forms = "want file:///path, s3://…"
	for bad, want := range map[string]string{
		"":                                 "checkpoint URL is empty: " + forms,
		" \n":                              "checkpoint URL is empty: " + forms,
		"/s3cret/checkpoints":              "checkpoint URL has no scheme: " + forms,
		"s3cret":                           "checkpoint URL has no scheme: " + forms,
		"postgres://user:s3cret@host/name": `checkpoint URL has the unknown scheme "postgres": ` + forms,
		"postgres://user:s3cret%zz@host/":  "percent-encoded",
		"s3://host:s3cret/":                "cannot be parsed",
		"s3://host/\x00s3cret":             "cannot be parsed",
		" file:///s3cret":                  "cannot be parsed",
	} {
		for name, check := range map[string]func(string) error{
			"check": func(raw string) error { _, err := drivers().Check(raw); return err },
			"open":  func(raw string) error { _, err := drivers().Open(t.Context(), raw); return err },
		} {
			err := check(bad)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %q: got %v, want %q", name, bad, err, want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s %q: the error tells the secret: %v", name, bad, err)
			}
		}
	}
	if _, err := (checkpoint.Drivers{}).Check("file:///data"); err == nil || !strings.Contains(err.Error(), "no checkpoint stores") {
		t.Errorf("no drivers: got %v", err)
	}
}

func TestOpen(t *testing.T) {
	s, err := drivers().Open(t.Context(), "s3://user:s3cret@there/path")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.(*checkpointtest.Memory); !ok {
		t.Errorf("got %T, want the driver's store itself", s)
	}
	for raw, want := range map[string]string{
		"s3://user:s3cret@elsewhere/path?key=s3cret#s3cret": "checkpoint s3://elsewhere/path: no such bucket",
		"s3:s3cret": "checkpoint s3:…: no such bucket",
	} {
		if _, err := drivers().Open(t.Context(), raw); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", raw, err, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "file:///a", "s3://u:p@h/?q#f", "://", "%", "file:%00", "FILE://[::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := drivers()
		u, err := d.Check(text)
		if (u == nil) == (err == nil) {
			t.Fatalf("%q: got %v and %v", text, u, err)
		}
		if err == nil && !slices.Contains(d.Schemes(), u.Scheme) {
			t.Errorf("%q: scheme %q passed", text, u.Scheme)
		}
	})
}
