package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/gcp/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const marked = "ya29.t0ken-MARK-0123456789"

type tokens struct{ usable error }

func (s tokens) Usable() error                              { return s.usable }
func (s tokens) Token(context.Context) (secret.Text, error) { return secret.New(marked), nil }

// A service answers with status and body and counts.
type service struct {
	status   int
	body     string
	header   http.Header
	requests int
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests++
	if s.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: s.status, Header: s.header, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

func client(t *testing.T, s http.RoundTripper) *rest.Client {
	t.Helper()
	c, err := rest.NewClient(rest.Endpoint{Service: "https://example.googleapis.com", Tokens: tokens{}, Client: &http.Client{Transport: s}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestError(t *testing.T) {
	tests := map[string]struct {
		status int
		kind   string
		body   string
		want   string
	}{
		"status":           {403, "application/json", `{"error":{"code":403,"status":"PERMISSION_DENIED","message":"no\nway"}}`, `example.googleapis.com answered 403 PERMISSION_DENIED: "no way"`},
		"reason":           {404, "application/json", `{"error":{"message":"gone","errors":[{"reason":"notFound"}]}}`, `example.googleapis.com answered 404 notFound: "gone"`},
		"plain text":       {404, "text/plain; charset=utf-8", "No such object", `example.googleapis.com answered 404: "No such object"`},
		"page":             {404, "text/html", "<html>", `example.googleapis.com answered 404`},
		"token in it":      {400, "text/plain", "Bearer " + marked, `example.googleapis.com answered 400: "Bearer [redacted]"`},
		"token at the cut": {400, "text/plain", strings.Repeat("x", 295) + marked, `example.googleapis.com answered 400: "` + strings.Repeat("x", 295) + `[reda"`},
		"redirect":         {302, "", "", `example.googleapis.com answered 302; redirects are not followed`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &service{status: test.status, body: test.body, header: http.Header{"Content-Type": {test.kind}, "Location": {"https://example.com/"}}}
			c := client(t, s)
			_, err := c.Do(t.Context(), rest.Request{Method: http.MethodGet, URL: c.URL(nil, "x")})
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if s.requests != 1 {
				t.Errorf("%d requests", s.requests)
			}
		})
	}
}

// What must not be done twice is only sent again where it was refused unseen.
func TestOnce(t *testing.T) {
	for status, again := range map[int]bool{0: false, 429: true, 408: false, 409: false, 499: false, 500: false, 502: false, 503: false, 504: false} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{status: status, body: `{"error":{"status":"ABORTED"}}`}
			c := client(t, s)
			for _, once := range []bool{true, false} {
				s.requests = 0
				_, err := c.Do(t.Context(), rest.Request{Method: http.MethodPost, URL: c.URL(nil, "x"), Once: once})
				if err == nil || (s.requests > 1) != (again || !once) {
					t.Errorf("status %d, once %t: %d requests, error %v", status, once, s.requests, err)
				}
			}
		})
	}
}

// The caller's context ends the waiting, and the error says what was last.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, &service{status: 503})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		started := time.Now()
		_, err := c.Do(ctx, rest.Request{Method: http.MethodGet, URL: c.URL(nil, "x")})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "answered 503") || time.Since(started) != time.Second {
			t.Errorf("error %v after %s", err, time.Since(started))
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err = c.Do(ctx, rest.Request{Method: http.MethodGet, URL: c.URL(nil, "x")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that there is no time left", err)
		}
	})
}

func TestURL(t *testing.T) {
	c := client(t, &service{})
	const want = "https://example.googleapis.com/b/a%2Fb%20c/o%25?x=%2F"
	if got := c.URL(url.Values{"x": {"/"}}, "b", "a/b c", "o%").String(); got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
}

func TestEmulator(t *testing.T) {
	never := errors.New("never")
	for _, address := range []string{"localhost:8085", "http://localhost:8085/", "[::1]:80", "https://emulator"} {
		if _, err := rest.NewClient(rest.Endpoint{Emulator: address, Tokens: tokens{never}, Client: &http.Client{}}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{":8085", "http://", "localhost:8085/x", "u:" + marked + "@localhost", "localhost:x", "ftp://localhost", "localhost?" + marked} {
		_, err := rest.NewClient(rest.Endpoint{Emulator: address, Variable: "X_EMULATOR_HOST", Client: &http.Client{}})
		if err == nil || !strings.Contains(err.Error(), "X_EMULATOR_HOST") {
			t.Errorf("%s: error %v, want one that names the variable", address, err)
			continue
		}
		secrettest.CheckHidden(t, address, err.Error(), marked)
	}
	if _, err := rest.NewClient(rest.Endpoint{Service: "https://x", Tokens: tokens{never}, Client: &http.Client{}}); !errors.Is(err, never) {
		t.Errorf("error %v, want that there can be no token", err)
	}
}
