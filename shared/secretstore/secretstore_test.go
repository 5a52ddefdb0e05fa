package secretstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// A store holds secrets by the reference store://NAME, the newest version first.
type store struct {
	mu      sync.Mutex
	secrets map[string][]string
	fault   error
	slow    time.Duration
	calls   int
}

func (s *store) set(name string, versions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets[name] = versions
}

func (s *store) fail(err error, slow time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.slow = err, slow
}

func (s *store) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (*store) Refers(value string) bool { return strings.HasPrefix(value, "store://") }

func (s *store) Read(ctx context.Context, reference string) (string, error) {
	versions, err := s.Versions(ctx, reference)
	if err != nil {
		return "", err
	}
	return versions[0], nil
}

func (s *store) Versions(ctx context.Context, reference string) ([]string, error) {
	s.mu.Lock()
	s.calls++
	versions, fault, slow := s.secrets[strings.TrimPrefix(reference, "store://")], s.fault, s.slow
	s.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if fault == nil && len(versions) == 0 {
		fault = errors.New("there is no such secret")
	}
	return versions, fault
}

func values(s *secretstore.Signature) string { return fmt.Sprintf("%s", s.Secrets()) }

func TestResolve(t *testing.T) {
	s := &store{secrets: map[string][]string{"a": {"account"}, "f": {"forward", "former"}}}
	env, err := secretstore.Resolve(t.Context(), settings.Environment{
		"DT_SERVICE_ACCOUNT_SECRET": "store://a", "DT_FORWARD_SECRET": "store://f",
		"DT_SIGNATURE_SECRET": "by hand", "DT_LABELS": "store://a",
	}, s)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"DT_SERVICE_ACCOUNT_SECRET": "account", "DT_FORWARD_SECRET": "forward",
		"DT_SIGNATURE_SECRET": "by hand", "DT_LABELS": "store://a",
	} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
}

// Every variable is named whose secret could not be read.
func TestResolveFaults(t *testing.T) {
	env, err := secretstore.Resolve(t.Context(), settings.Environment{
		"DT_SERVICE_ACCOUNT_SECRET": "store://x", "DT_FORWARD_SECRET": "store://",
	}, &store{})
	if env != nil || err == nil {
		t.Fatalf("%v, %v", env, err)
	}
	for _, name := range []string{"DT_SERVICE_ACCOUNT_SECRET: ", "DT_FORWARD_SECRET: "} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not in %v", name, err)
		}
	}
}

func TestOpen(t *testing.T) {
	s := &store{secrets: map[string][]string{"s": {"two", "one"}, "p": {"zero", "older"}, "f": {"forward"}}}
	tests := map[string]struct {
		env                    settings.Environment
		current, previous, all string // all is "" where nothing is refreshed
	}{
		"a reference":         {settings.Environment{"DT_SIGNATURE_SECRET": "store://s"}, "two", "", "[two one]"},
		"and a former secret": {settings.Environment{"DT_SIGNATURE_SECRET": "store://s", "DT_SIGNATURE_SECRET_PREVIOUS": "one"}, "two", "", "[two one]"},
		"and another":         {settings.Environment{"DT_SIGNATURE_SECRET": "store://s", "DT_SIGNATURE_SECRET_PREVIOUS": "store://p"}, "two", "", "[two one zero]"},
		"the former alone":    {settings.Environment{"DT_SIGNATURE_SECRET": "by hand", "DT_SIGNATURE_SECRET_PREVIOUS": "store://p"}, "by hand", "", "[by hand zero]"},
		"none":                {settings.Environment{"DT_SIGNATURE_SECRET": "by hand", "DT_SIGNATURE_SECRET_PREVIOUS": "before"}, "by hand", "before", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.env["DT_FORWARD_SECRET"] = "store://f"
			env, signature, err := secretstore.Open(t.Context(), secretstore.Config{Env: test.env, Store: s})
			if err != nil {
				t.Fatal(err)
			}
			if env["DT_SIGNATURE_SECRET"] != test.current || env["DT_SIGNATURE_SECRET_PREVIOUS"] != test.previous || env["DT_FORWARD_SECRET"] != "forward" {
				t.Errorf("settings %v", env)
			}
			switch {
			case (signature == nil) != (test.all == ""):
				t.Errorf("signature %v", signature)
			case signature != nil && values(signature) != test.all:
				t.Errorf("secrets %s, want %s", values(signature), test.all)
			}
		})
	}
}

func TestOpenFaults(t *testing.T) {
	env, signature, err := secretstore.Open(t.Context(), secretstore.Config{Store: &store{}, Env: settings.Environment{
		"DT_SIGNATURE_SECRET": "store://x", "DT_FORWARD_SECRET": "store://y",
	}})
	if env != nil || signature != nil || err == nil || !strings.Contains(err.Error(), "DT_SIGNATURE_SECRET: ") || !strings.Contains(err.Error(), "DT_FORWARD_SECRET: ") {
		t.Errorf("%v, %v, %v", env, signature, err)
	}
}

// Until the interval is over nothing is read; then once, however many ask.
func TestRefreshOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{secrets: map[string][]string{"s": {"one"}}}
		signature := open(t, s, nil)
		s.set("s", "two", "one")
		time.Sleep(secretstore.RefreshInterval - 1)
		signature.Refresh(t.Context())
		if values(signature) != "[one]" || s.asked() != 1 {
			t.Errorf("%s after %d reads", values(signature), s.asked())
		}
		time.Sleep(time.Nanosecond)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { signature.Refresh(t.Context()) })
		}
		all.Wait()
		if values(signature) != "[two one]" || s.asked() != 2 {
			t.Errorf("%s after %d reads", values(signature), s.asked())
		}
	})
}

// While the store fails, the secrets from before serve on; it is asked again after a
// while, and the log says why.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := &store{secrets: map[string][]string{"s": {"one"}}}, new(bytes.Buffer)
		signature := open(t, s, slog.New(slog.NewTextHandler(log, nil)))
		time.Sleep(secretstore.RefreshInterval)
		s.fail(errors.New("no permission"), 0)
		s.set("s", "two")
		for range 3 {
			signature.Refresh(t.Context())
		}
		if values(signature) != "[one]" || s.asked() != 2 {
			t.Errorf("%s after %d reads", values(signature), s.asked())
		}
		if got := log.String(); strings.Count(got, "serve on") != 1 || !strings.Contains(got, "DT_SIGNATURE_SECRET: no permission") {
			t.Errorf("log %s", got)
		}
		s.fail(nil, 0)
		time.Sleep(30 * time.Second)
		signature.Refresh(t.Context())
		if values(signature) != "[two]" {
			t.Errorf("%s", values(signature))
		}
	})
}

// A request waits a second at most for a store that is slow, and a read is given up in
// the end; one whose time is up does not wait at all, and what it began goes on.
func TestStoreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{secrets: map[string][]string{"s": {"one"}}}
		signature := open(t, s, nil)
		time.Sleep(secretstore.RefreshInterval)
		s.fail(nil, 2*time.Second)
		s.set("s", "two")
		start := time.Now()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		signature.Refresh(ended)
		if took := time.Since(start); took != 0 {
			t.Errorf("who has no time waits %v", took)
		}
		signature.Refresh(t.Context())
		if took := time.Since(start); took != time.Second || values(signature) != "[one]" {
			t.Errorf("%s after %v", values(signature), took)
		}
		time.Sleep(2 * time.Second)
		if values(signature) != "[two]" {
			t.Errorf("%s", values(signature))
		}
		s.fail(nil, time.Hour)
		time.Sleep(secretstore.RefreshInterval)
		signature.Refresh(t.Context())
		time.Sleep(time.Minute)
		s.fail(nil, 0)
		s.set("s", "three")
		signature.Refresh(t.Context())
		if got := values(signature); got != "[three]" {
			t.Errorf("%s after a read that was given up", got)
		}
	})
}

func open(t *testing.T, s *store, log *slog.Logger) *secretstore.Signature {
	t.Helper()
	env, signature, err := secretstore.Open(t.Context(), secretstore.Config{Env: settings.Environment{"DT_SIGNATURE_SECRET": "store://s"}, Store: s, Now: time.Now, Logger: log})
	if err != nil || env["DT_SIGNATURE_SECRET"] != "one" || !slices.EqualFunc(signature.Secrets(), []string{"one"}, func(a []byte, b string) bool { return string(a) == b }) {
		t.Fatalf("%v, %v", env, err)
	}
	return signature
}
