// Package health answers whoever runs the server: is it alive, and is it ready for
// events.
package health

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// PathAlive answers 200 as long as the process can answer at all. A platform
	// that restarts on anything else must not restart for a database that is down.
	PathAlive = "/healthz"
	// PathReady answers 200 while events can be stored, and 503 otherwise.
	PathReady = "/readyz"
)

const (
	// checkTimeout is how long a check may take. Kubernetes' probes wait 1 s unless
	// they are told otherwise.
	checkTimeout = 2 * time.Second
	// fresh is how long a check's result holds: the path is public, and nobody
	// shall reach the database through it as often as he likes.
	fresh = time.Second
)

// Config is what a Health works with.
type Config struct {
	// Check tells whether events can be stored now. Required.
	Check func(ctx context.Context) error
	// Logger is told of every change. Required.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Health knows whether the server is alive and ready. It is safe for concurrent
// use.
type Health struct {
	config   Config
	draining atomic.Bool
	ready    atomic.Bool

	mu      sync.Mutex // held while checking, so that there is one check at a time
	checked time.Time  // when; zero means never
	err     error
}

// New returns a Health that has not been asked yet.
func New(c Config) *Health {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Health{config: c}
}

// Drain makes the server not ready from now on: it is about to stop.
func (h *Health) Drain() {
	h.draining.Store(true)
	h.ready.Store(false)
}

// Ready tells what the last check found; false before there was one. It checks
// nothing itself.
func (h *Health) Ready() bool { return h.ready.Load() }

// Check checks now, unless that was just done.
func (h *Health) Check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.config.Now()
	if age := now.Sub(h.checked); !h.checked.IsZero() && age >= 0 && age < fresh {
		return h.err
	}
	// Who asked may be gone before there is an answer, which others wait for too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	first, before := h.checked.IsZero(), h.err
	h.err = h.config.Check(ctx)
	h.checked = h.config.Now()
	h.ready.Store(h.err == nil && !h.draining.Load())
	switch {
	case h.err != nil && (first || before == nil):
		h.config.Logger.WarnContext(ctx, "not ready", "error", h.err.Error())
	case h.err == nil && (first || before != nil):
		h.config.Logger.InfoContext(ctx, "ready")
	}
	return h.err
}

// Handler serves the two paths and hands everything else to next.
func (h *Health) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case PathAlive:
			answer(w, r, http.StatusOK, "alive")
		case PathReady:
			switch {
			case h.draining.Load():
				answer(w, r, http.StatusServiceUnavailable, "draining")
			case h.Check(r.Context()) != nil:
				// Why is in the log: the path is public.
				answer(w, r, http.StatusServiceUnavailable, "not-ready")
			default:
				answer(w, r, http.StatusOK, "ready")
			}
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// answer says how it is, to GET and HEAD.
func answer(w http.ResponseWriter, r *http.Request, status int, text string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		status, text = http.StatusMethodNotAllowed, "method"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// Who asked and has gone need not be told.
	_, _ = w.Write([]byte(`{"status":"` + text + `"}` + "\n"))
}
