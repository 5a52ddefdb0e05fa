package secrets_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// A clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t *testing.T, f *fakeaws.Server, env settings.Environment) (*secretstore.Signature, *clock, *bytes.Buffer) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	log := new(bytes.Buffer)
	_, s, err := secretstore.Open(t.Context(), secretstore.Config{
		Env: env, Store: secrets.NewStore(f.Client()), Now: c.Now, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, c, log
}

func expect(t *testing.T, s *secretstore.Signature, want ...string) {
	t.Helper()
	var got []string
	for _, v := range s.Secrets() {
		got = append(got, string(v))
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("secrets %v, want %v", got, want)
	}
}

func reference(id string) settings.Environment {
	return settings.Environment{"DT_SIGNATURE_SECRET": "aws-secretsmanager://" + id}
}

func TestVersions(t *testing.T) {
	store, f := newStore(t, map[string]string{"s AWSCURRENT": "one"})
	s, c, _ := open(t, f, reference("s"))
	expect(t, s, "one")
	// A rotation, step by step.
	store.set("s AWSPENDING", "two")
	c.pass(secretstore.RefreshInterval)
	s.Refresh(t.Context())
	expect(t, s, "one", "two")
	store.set("s AWSPREVIOUS", "one")
	store.set("s AWSCURRENT", "two")
	c.pass(secretstore.RefreshInterval)
	s.Refresh(t.Context())
	expect(t, s, "two", "one")
}

func TestSources(t *testing.T) {
	_, f := newStore(t, map[string]string{"s AWSCURRENT": "one", "s AWSPREVIOUS": "zero", "p": "parameter", `m AWSCURRENT`: `{"k":"member"}`, "m AWSPREVIOUS": "of another form"})
	for name, c := range map[string]struct {
		env  settings.Environment
		want string
	}{
		"manager":           {reference("s"), "one zero"},
		"with a former one": {settings.Environment{"DT_SIGNATURE_SECRET": "aws-secretsmanager://s", "DT_SIGNATURE_SECRET_PREVIOUS": "by-hand"}, "one zero by-hand"},
		"parameter":         {settings.Environment{"DT_SIGNATURE_SECRET": "aws-ssm://p"}, "parameter"},
		"former one alone":  {settings.Environment{"DT_SIGNATURE_SECRET": "by-hand", "DT_SIGNATURE_SECRET_PREVIOUS": "aws-ssm://p"}, "by-hand parameter"},
		"former one's form": {reference("m#k"), "member"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, _ := open(t, f, c.env)
			expect(t, s, strings.Split(c.want, " ")...)
		})
	}
	_, s, err := secretstore.Open(t.Context(), secretstore.Config{Env: settings.Environment{"DT_SIGNATURE_SECRET": "by hand"}, Store: secrets.NewStore(f.Client())})
	if s != nil || err != nil {
		t.Errorf("without a reference: %v, %v", s, err)
	}
}

// Until the interval is over nothing is read; then once, however many ask.
func TestRefreshOnce(t *testing.T) {
	_, f := newStore(t, map[string]string{"s AWSCURRENT": "one"})
	s, c, _ := open(t, f, reference("s"))
	atStart := len(f.Calls())
	c.pass(secretstore.RefreshInterval - 1)
	s.Refresh(t.Context())
	if n := len(f.Calls()); n != atStart || n != 3 {
		t.Errorf("%d calls, %d at the start", n, atStart)
	}
	c.pass(1)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.Refresh(t.Context()) })
	}
	all.Wait()
	if n := len(f.Calls()) - atStart; n != 3 {
		t.Errorf("%d calls, want 3", n)
	}
}

// While the store is unreachable the secrets from before serve on, and it is asked
// again after a while only.
func TestStoreDown(t *testing.T) {
	store, f := newStore(t, map[string]string{"s AWSCURRENT": "hunter2-hunter2"})
	s, c, log := open(t, f, reference("s"))
	for _, down := range []fakeaws.Answer{{Status: 500}, fakeaws.Denied(), {Torn: true}, {Body: "{}"}} {
		f.Set(func(fakeaws.Call) fakeaws.Answer { return down })
		c.pass(secretstore.RefreshInterval)
		s.Refresh(t.Context())
		expect(t, s, "hunter2-hunter2")
		calls := len(f.Calls())
		s.Refresh(t.Context())
		if len(f.Calls()) != calls {
			t.Error("asked again at once")
		}
	}
	if strings.Count(log.String(), "not refreshed") != 4 || !strings.Contains(log.String(), "DT_SIGNATURE_SECRET") {
		t.Errorf("log %s", log)
	}
	secrettest.CheckHidden(t, "the log", log.String(), "hunter2-hunter2")
	f.Set(store.answer)
	store.set("s AWSCURRENT", "two")
	c.pass(30 * time.Second)
	s.Refresh(t.Context())
	expect(t, s, "two")
}

// A store that does not answer holds nobody up for long; when it answers after all,
// the next request has the secrets.
func TestRefreshDoesNotBlock(t *testing.T) {
	store, f := newStore(t, map[string]string{"s AWSCURRENT": "one"})
	s, c, _ := open(t, f, reference("s"))
	store.set("s AWSCURRENT", "two")
	release := make(chan struct{})
	f.Set(func(c fakeaws.Call) fakeaws.Answer {
		<-release
		return store.answer(c)
	})
	c.pass(secretstore.RefreshInterval)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Refresh(ctx) // one whose time is up does not wait, and what it began goes on
	expect(t, s, "one")
	close(release)
	s.Refresh(t.Context())
	expect(t, s, "two")
}

func TestNotStarted(t *testing.T) {
	for _, a := range []fakeaws.Answer{{Status: 500}, fakeaws.Denied(), {Never: true}} {
		f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return a })
		env, s, err := secretstore.Open(t.Context(), secretstore.Config{Env: settings.Environment{
			"DT_SIGNATURE_SECRET": "aws-secretsmanager://s", "DT_FORWARD_SECRET": "aws-ssm://p",
		}, Store: secrets.NewStore(f.Client())})
		if err == nil || env != nil || s != nil || !strings.Contains(err.Error(), "DT_SIGNATURE_SECRET: ") || !strings.Contains(err.Error(), "DT_FORWARD_SECRET: ") {
			t.Errorf("%v", err)
		}
	}
}

func TestOpen(t *testing.T) {
	_, f := newStore(t, map[string]string{"s AWSCURRENT": "one", "s AWSPREVIOUS": "zero", "p": "forward"})
	env, s, err := secretstore.Open(t.Context(), secretstore.Config{Env: settings.Environment{
		"DT_SIGNATURE_SECRET": "aws-secretsmanager://s", "DT_FORWARD_SECRET": "aws-ssm://p", "OTHER": "x",
	}, Store: secrets.NewStore(f.Client())})
	if err != nil || env["DT_SIGNATURE_SECRET"] != "one" || env["DT_FORWARD_SECRET"] != "forward" || env["OTHER"] != "x" {
		t.Errorf("%v, %v", env, err)
	}
	expect(t, s, "one", "zero")
	env, s, err = secretstore.Open(t.Context(), secretstore.Config{Env: settings.Environment{"DT_SIGNATURE_SECRET": "by hand"}, Store: secrets.NewStore(f.Client())})
	if err != nil || s != nil || env["DT_SIGNATURE_SECRET"] != "by hand" {
		t.Errorf("%v, %v, %v", env, s, err)
	}
}
