package secrets_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/gcp/secrets"
	"github.com/dt-functions/dt-functions/shared/secret"
)

type tokens struct{ err error }

func (tokens) Usable() error                                { return nil }
func (s tokens) Token(context.Context) (secret.Text, error) { return secret.New("ya29.MARK"), s.err }

// elsewhere sends what is for Google to a server of the test's.
type elsewhere struct{ server *httptest.Server }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != "secretmanager.googleapis.com" {
		return nil, errors.New("a request to " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", e.server.Listener.Addr().String()
	return e.server.Client().Transport.RoundTrip(r)
}

func serve(t *testing.T, h http.HandlerFunc) secrets.Config {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return secrets.Config{Tokens: tokens{}, Client: &http.Client{Transport: elsewhere{server}}}
}

func TestRead(t *testing.T) {
	var path string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.Method + " " + r.URL.Path
		if r.Header.Get("Authorization") != "Bearer ya29.MARK" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"name":"projects/1/secrets/s/versions/2","payload":{"data":"dGhlIHMzY3JldCBNQVJL","dataCrc32c":"1"}}`))
	})
	for reference, want := range map[string]string{
		"gcp-secretmanager://projects/p/secrets/s":                 "GET /v1/projects/p/secrets/s/versions/latest:access",
		"gcp-secretmanager://projects/p/secrets/s/versions/2":      "GET /v1/projects/p/secrets/s/versions/2:access",
		"projects/example.com:plant/secrets/dt_signature-secret":   "GET /v1/projects/example.com:plant/secrets/dt_signature-secret/versions/latest:access",
		"projects/123456789012/secrets/S/versions/an-alias":        "GET /v1/projects/123456789012/secrets/S/versions/an-alias:access",
		"gcp-secretmanager://projects/p/secrets/s/versions/latest": "GET /v1/projects/p/secrets/s/versions/latest:access",
	} {
		got, err := secrets.Read(t.Context(), c, reference)
		if err != nil || got.Reveal() != "the s3cret MARK" || path != want {
			t.Errorf("%s: %v, asked %s", reference, err, path)
		}
	}
}

func TestFaults(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"no permission": {answer(403, `{"error":{"status":"PERMISSION_DENIED","message":"denied"}}`), "roles/secretmanager.secretAccessor"},
		"not there":     {answer(404, `{"error":{"status":"NOT_FOUND","message":"Secret not found"}}`), "no such version, or is in another project"},
		"disabled":      {answer(400, `{"error":{"status":"FAILED_PRECONDITION","message":"is in DISABLED state"}}`), "DISABLED"},
		"token over":    {answer(401, ``), "log in anew"},
		"no JSON":       {answer(200, `the s3cret MARK`), "holds no secret"},
		"no base64":     {answer(200, `{"payload":{"data":"MARK!!"}}`), "holds no secret"},
		"another type":  {answer(200, `{"payload":{"data":["MARK"]}}`), "holds no secret"},
		"cut off":       {answer(200, `{"payload":{"data":"MARK`), "holds no secret"},
		"empty":         {answer(200, `{"payload":{"data":""}}`), "holds no secret"},
		"nothing":       {answer(200, ``), "holds no secret"},
		"redirected": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/MARK", http.StatusFound)
		}, "redirects are not followed"},
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "deadline"},
		"torn":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "secretmanager.googleapis.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			got, err := secrets.Read(ctx, serve(t, test.answer), "projects/p/secrets/s")
			if err == nil || !got.IsZero() || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "MARK") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestNotLoggedIn(t *testing.T) {
	c := secrets.Config{Tokens: tokens{errors.New("log in first")}, Client: http.DefaultClient}
	if _, err := secrets.Read(t.Context(), c, "projects/p/secrets/s"); err == nil || !strings.Contains(err.Error(), "log in first") {
		t.Errorf("got %v", err)
	}
}

func TestReferences(t *testing.T) {
	never := secrets.Config{Tokens: tokens{}, Client: &http.Client{Transport: elsewhere{}}}
	for _, reference := range []string{
		"", "s", "projects/p", "projects/p/secrets/", "projects//secrets/s", "projects/p/secrets/s/versions/", "projects/p/secrets/s/versions",
		"projects/p/secrets/s/versions/1/more", "projects/../secrets/s", "projects/p/secrets/s%2e", "projects/p/secrets/a b", "projects/p/topics/s",
		"gcp-secretmanager://", "https://secretmanager.googleapis.com/v1/projects/p/secrets/s", "projects/p/secrets/s?x=y", "projects/p/secrets/s#x",
	} {
		if _, err := secrets.Read(t.Context(), never, reference); !errors.Is(err, secrets.ErrReference) {
			t.Errorf("%q: %v", reference, err)
		}
	}
}

// Whatever a reference is, a token goes to Secret Manager alone, and only for a secret.
func FuzzReference(f *testing.F) {
	for _, text := range []string{"gcp-secretmanager://projects/p/secrets/s", "projects/p/secrets/s/versions/1", "projects/../secrets/s", "projects/%2f/secrets/\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := secrets.Config{Tokens: tokens{}, Client: &http.Client{Transport: check{t}}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, err := secrets.Read(context.WithValue(ctx, cancelKey{}, cancel), c, text); err == nil {
			t.Error("a secret came from nowhere")
		}
	})
}

type cancelKey struct{}

type check struct{ t *testing.T }

func (c check) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.Split(r.URL.Path, "/")
	if r.URL.Scheme != "https" || r.URL.Host != "secretmanager.googleapis.com" || len(path) != 8 || path[1] != "v1" || path[2] != "projects" || path[4] != "secrets" || path[6] != "versions" {
		c.t.Errorf("asks %s", r.URL)
	}
	r.Context().Value(cancelKey{}).(context.CancelFunc)() // once is enough
	return nil, errors.New("offline")
}
