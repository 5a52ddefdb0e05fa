package dtapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// A pause that would end after the caller's deadline is not begun, and the caller
// learns what was wrong.
func TestDeadlineIsMinded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{api: func(int, handled) (*http.Response, error) { return failing(429, "Retry-After", "60") }}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		c := w.client(t)
		if _, err := c.Connector(ctx, connector); !errors.Is(err, dtapi.ErrRateLimited) {
			t.Errorf("got %v", err)
		}
		// The next one is held back, and told so at once too.
		if _, err := c.Connector(ctx, connector); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 0 || len(w.seen()) != 1 {
			t.Errorf("took %v for %d requests, want one at once", took, len(w.seen()))
		}
	})
}

// The end of a context ends a pause and a request, and the error says why there was a
// pause.
func TestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{api: func(int, handled) (*http.Response, error) { return failing(503) }}
		reason := errors.New("the operator says so")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			pass(2 * time.Second)
			cancel(reason)
		}()
		start := time.Now()
		_, err := w.client(t).Connector(ctx, connector)
		if !errors.Is(err, reason) || !errors.Is(err, dtapi.ErrUnavailable) {
			t.Errorf("in a pause: %v", err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
		w.latency = 10 * time.Second
		w.answer(always(namedAnswer))
		late, cancelLate := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancelLate()
		if _, err := w.client(t).Connector(late, connector); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, dtapi.ErrUnavailable) {
			t.Errorf("in a request: %v", err)
		}
		soon, cancelSoon := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancelSoon()
		_, err = w.client(t).CreateConnector(soon, project, dtapi.Connector{Type: dtapi.TypeSQS})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "whether it was done is not known") {
			t.Errorf("in a request that is not to be repeated: %v", err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		n := len(w.seen())
		if _, err := w.client(t).Connector(ended, connector); !errors.Is(err, context.Canceled) || len(w.seen()) != n {
			t.Errorf("before the request: %v, %d requests", err, len(w.seen())-n)
		}
	})
}

// A server that says nothing is given up after 30 s, and asked again. That is not the
// end of the caller's time, and does not look like it.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Hour}
		c := w.client(t, func(c *dtapi.Config) { c.Attempts = 2 })
		start := time.Now()
		_, err := c.Connector(t.Context(), connector)
		if !errors.Is(err, dtapi.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer within 30s") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 61*time.Second || len(w.seen()) != 2 {
			t.Errorf("took %v for %d requests", took, len(w.seen()))
		}
	})
}
