package s3_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
)

const key = "projects/p/dataconnectors/c"

func TestConformance(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		f := newFake(t)
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return open(t, f.config()) }}
	})
}

func TestRequest(t *testing.T) {
	f := newFake(t)
	s := open(t, f.config())
	if _, err := s.Save(t.Context(), key, []byte("text"), ""); err != nil {
		t.Fatal(err)
	}
	r := f.requests[0]
	if want := "/bucket/dt/recover/projects.2fp.2fdataconnectors.2fc"; r.URL.Path != want {
		t.Errorf("path %s, want %s", r.URL.Path, want)
	}
	signed := r.Header.Get("Authorization")
	for _, name := range []string{"host", "if-none-match", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} {
		if !strings.Contains(signed, name) {
			t.Errorf("%s is not signed: %s", name, signed)
		}
	}
	if r.Header.Get("X-Amz-Security-Token") != "the-token" || r.Header.Get("If-None-Match") != "*" {
		t.Errorf("headers %v", r.Header)
	}
}

// What goes wrong once is repeated, and the save is done exactly once.
func TestPassingFaults(t *testing.T) {
	for name, how := range map[string]fault{"slow down": slowDown, "torn before": tearBefore, "torn after": tearAfter} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			s := open(t, f.config())
			first, err := s.Save(t.Context(), key, []byte("one"), "")
			if err != nil {
				t.Fatal(err)
			}
			f.fault = func(n int, _ *http.Request) fault {
				if n == 2 {
					return how
				}
				return none
			}
			second, err := s.Save(t.Context(), key, []byte("two"), first)
			if err != nil {
				t.Fatal(err)
			}
			d, err := s.Load(t.Context(), key)
			if err != nil || string(d.Data) != "two" || d.Revision != second {
				t.Errorf("loaded %+v, %v; saved as %s", d, err, second)
			}
		})
	}
}

// When an answer was lost and another run has saved since, it is a conflict.
func TestLostAnswerAndAnotherRun(t *testing.T) {
	f := newFake(t)
	s := open(t, f.config())
	first, err := s.Save(t.Context(), key, []byte("one"), "")
	if err != nil {
		t.Fatal(err)
	}
	f.fault = func(n int, _ *http.Request) fault {
		if n == 2 {
			return overtaken
		}
		return none
	}
	if _, err := s.Save(t.Context(), key, []byte("two"), first); !errors.Is(err, checkpoint.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	if d, err := s.Load(t.Context(), key); err != nil || string(d.Data) != "other" {
		t.Errorf("loaded %+v, %v", d, err)
	}
}

func TestLastingFaults(t *testing.T) {
	for name, c := range map[string]struct {
		how  fault
		want string
	}{
		"refused":        {refuse, "403 AccessDenied: told why"},
		"slow":           {slowDown, "503 SlowDown"},
		"torn":           {tearBefore, "EOF"},
		"without an end": {endless, "not a checkpoint"},
		"foreign":        {foreign, "not a checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fault = func(int, *http.Request) fault { return c.how }
			s := open(t, f.config())
			_, err := s.Load(t.Context(), key)
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, checkpoint.ErrConflict) {
				t.Errorf("load: %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "the-secret") {
				t.Errorf("a secret in %v", err)
			}
		})
	}
}

func TestSaveFaults(t *testing.T) {
	for name, c := range map[string]struct {
		how      fault
		conflict bool
	}{
		"refused":                  {refuse, false},
		"conflict between writers": {conflict, true},
		"without an ETag":          {withoutETag, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fault = func(int, *http.Request) fault { return c.how }
			_, err := open(t, f.config()).Save(t.Context(), key, []byte("x"), "")
			if err == nil || errors.Is(err, checkpoint.ErrConflict) != c.conflict {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNew(t *testing.T) {
	f := newFake(t)
	for name, change := range map[string]func(*s3.Config){
		"endpoint":     func(c *s3.Config) { c.Endpoint = "bucket" },
		"not https":    func(c *s3.Config) { c.Endpoint = "http://example.com" },
		"password":     func(c *s3.Config) { c.Endpoint = "https://a:hunter2@example.com" },
		"bucket":       func(c *s3.Config) { c.Bucket = "a/b" },
		"short bucket": func(c *s3.Config) { c.Bucket = "ab" },
		"prefix":       func(c *s3.Config) { c.Prefix = "a/../b" },
		"region":       func(c *s3.Config) { c.Region = "" },
		"credentials":  func(c *s3.Config) { c.Credentials = nil },
	} {
		c := f.config()
		change(&c)
		if _, err := s3.New(c); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostStyle(t *testing.T) {
	c := newFake(t).config()
	c.Endpoint, c.PathStyle, c.Prefix = "https://s3.eu-west-1.amazonaws.com", false, ""
	var got string
	c.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.URL.String()
		return nil, errors.New("offline")
	})}
	if _, err := open(t, c).Load(t.Context(), "a"); err == nil {
		t.Error("no error")
	}
	if want := "https://bucket.s3.eu-west-1.amazonaws.com/a"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Without credentials nothing is sent, and nothing repeated.
func TestNoCredentials(t *testing.T) {
	f := newFake(t)
	c := f.config()
	marker := errors.New("marker")
	asked := 0
	c.Credentials = func(context.Context) (s3.Credentials, error) { asked++; return s3.Credentials{}, marker }
	if _, err := open(t, c).Load(t.Context(), "a"); !errors.Is(err, marker) || asked != 1 || len(f.requests) != 0 {
		t.Errorf("%v, asked %d times, %d requests", err, asked, len(f.requests))
	}
}
