package health_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/heroku/health"
)

// A world is a Health whose clock and sink the test rules.
type world struct {
	*health.Health
	mu     sync.Mutex
	now    time.Time
	err    error
	checks int
	log    bytes.Buffer
}

func newWorld() *world {
	w := &world{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.Health = health.New(health.Config{
		Check: func(ctx context.Context) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.checks++
			if _, ok := ctx.Deadline(); !ok {
				return errors.New("no deadline")
			}
			return w.err
		},
		Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		},
	})
	return w
}

func (w *world) set(err error, later time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err, w.now = err, w.now.Add(later)
}

func (w *world) get(t *testing.T, method, path string) (int, string) {
	t.Helper()
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	r := httptest.NewRecorder()
	w.Handler(next).ServeHTTP(r, httptest.NewRequest(method, path, nil))
	return r.Code, strings.TrimSpace(r.Body.String())
}

func TestPaths(t *testing.T) {
	w := newWorld()
	for _, c := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/healthz", 200, `{"status":"alive"}`},
		{"HEAD", "/healthz", 200, `{"status":"alive"}`},
		{"GET", "/readyz", 200, `{"status":"ready"}`},
		{"POST", "/readyz", 405, `{"status":"method"}`},
		{"DELETE", "/healthz", 405, `{"status":"method"}`},
		{"POST", "/", 418, ""},
		{"GET", "/healthz/", 418, ""},
		{"GET", "/Healthz", 418, ""},
	} {
		if status, body := w.get(t, c.method, c.path); status != c.status || body != c.body {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
}

// A sink that is away makes the server not ready, never dead, and the path says no
// more than that.
func TestReadiness(t *testing.T) {
	w := newWorld()
	if w.Ready() {
		t.Error("ready before anybody looked")
	}
	steps := []struct {
		err    error
		later  time.Duration
		status int
	}{
		{nil, 0, 200},
		{errors.New("marker: no route to 10.0.0.1"), 500 * time.Millisecond, 200}, // not looked again yet
		{errors.New("marker: no route to 10.0.0.1"), 500 * time.Millisecond, 503},
		{errors.New("marker: no route to 10.0.0.1"), 2 * time.Second, 503},
		{nil, 2 * time.Second, 200},
		{errors.New("marker"), -time.Hour, 503}, // a clock that was set back
	}
	for i, s := range steps {
		w.set(s.err, s.later)
		status, body := w.get(t, "GET", "/readyz")
		if status != s.status || strings.Contains(body, "marker") || w.Ready() != (s.status == 200) {
			t.Errorf("step %d: %d %s, ready %v", i, status, body, w.Ready())
		}
		if alive, _ := w.get(t, "GET", "/healthz"); alive != 200 {
			t.Errorf("step %d: healthz %d", i, alive)
		}
	}
	if got := strings.Count(w.log.String(), `msg="not ready"`); got != 2 {
		t.Errorf("%d changes to not ready are logged:\n%s", got, &w.log)
	}
	if got := strings.Count(w.log.String(), "msg=ready"); got != 2 {
		t.Errorf("%d changes to ready are logged:\n%s", got, &w.log)
	}
}

func TestDrain(t *testing.T) {
	w := newWorld()
	w.get(t, "GET", "/readyz")
	w.Drain()
	if status, body := w.get(t, "GET", "/readyz"); status != 503 || body != `{"status":"draining"}` || w.Ready() {
		t.Errorf("draining: %d %s, ready %v", status, body, w.Ready())
	}
	w.set(nil, time.Hour)
	if err := w.Check(t.Context()); err != nil || w.Ready() {
		t.Errorf("checked while draining: %v, ready %v", err, w.Ready())
	}
	if status, _ := w.get(t, "GET", "/healthz"); status != 200 {
		t.Errorf("healthz %d", status)
	}
}

// However many ask at once, the sink is asked once.
func TestOneCheckAtATime(t *testing.T) {
	w := newWorld()
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { w.get(t, "GET", "/readyz") })
	}
	wait.Wait()
	if w.checks != 1 {
		t.Errorf("%d checks", w.checks)
	}
}

// Who hangs up does not make the server look broken to the others.
func TestCallerLeaves(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := health.New(health.Config{
		Check:  func(ctx context.Context) error { return ctx.Err() },
		Logger: slog.New(slog.DiscardHandler),
	})
	if err := h.Check(ctx); err != nil {
		t.Error(err)
	}
}
