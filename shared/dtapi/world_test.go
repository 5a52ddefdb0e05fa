package dtapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	keyID     = "c18rs36olv9021epsv2g"
	keySecret = "239dcd912b8041a58054f843a2a633a4"
	email     = "c15uar7915fg13c8lfp0@c15u9p094l47cdv1o3qg.serviceaccount.d21s.com"
	apiURL    = "https://api.example/v2"
	tokenURL  = "https://identity.example/oauth2/token"

	project   = "c0md3mm0c7pet3vico8g"
	connector = dtapi.ConnectorName("projects/c0md3mm0c7pet3vico8g/dataconnectors/c16eegpdidie7lltpefg")
	device    = dtapi.DeviceName("projects/c0md3mm0c7pet3vico8g/devices/emuc109fhppdqebrvv2jqug")
)

// A handled is one request that a world has seen.
type handled struct {
	Method, URL, Path string // Path without the version
	Query             map[string][]string
	Header            http.Header
	Body              string
	At                time.Time
}

// A world is DT's API and identity service in memory: an http.RoundTripper, so that
// tests can run in a synctest bubble.
type world struct {
	mu       sync.Mutex
	requests []handled // to the API
	tokens   []handled // to the identity service

	// api and identity answer; err instead of an answer means that the connection is
	// lost. nil means {} and a token for an hour.
	api, identity func(n int, r handled) (*http.Response, error)
	latency       time.Duration
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	h := handled{Method: r.Method, URL: r.URL.String(), Path: strings.TrimPrefix(r.URL.Path, "/v2"), Query: r.URL.Query(), Header: r.Header, At: time.Now()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		h.Body = string(body)
	}
	w.mu.Lock()
	all, handler := &w.requests, w.api
	if strings.HasPrefix(h.URL, tokenURL) || strings.HasPrefix(h.URL, dtapi.DefaultTokenURL) {
		all, handler = &w.tokens, w.identity
		if handler == nil {
			handler = func(n int, _ handled) (*http.Response, error) { return ok(tokenAnswer(n, 3600)) }
		}
	}
	n := len(*all)
	*all = append(*all, h)
	latency := w.latency
	w.mu.Unlock()
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if handler == nil {
		return ok(`{}`)
	}
	response, err := handler(n, h)
	if response != nil {
		response.Request = r
	}
	return response, err
}

// seen returns the requests to the API so far.
func (w *world) seen() []handled {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]handled(nil), w.requests...)
}

// fetched returns the requests for tokens so far.
func (w *world) fetched() []handled {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]handled(nil), w.tokens...)
}

func (w *world) answer(api func(n int, r handled) (*http.Response, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.api = api
}

// client returns a Client of w without a rate limit and with Basic auth, as set
// changes it.
func (w *world) client(t testing.TB, set ...func(*dtapi.Config)) *dtapi.Client {
	t.Helper()
	c := dtapi.Config{
		URL: apiURL, TokenURL: tokenURL,
		Credentials: dtapi.Credentials{KeyID: keyID, Secret: secret.New(keySecret)},
		Client:      &http.Client{Transport: w},
		Rate:        1e9, Burst: 1e9,
		Rand: func() float64 { return 0.5 }, // pauses of exactly what grows
	}
	for _, f := range set {
		f(&c)
	}
	client, err := dtapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// withToken makes a client use access tokens.
func withToken(c *dtapi.Config) { c.Credentials.Email = email }

func respond(status int, header http.Header, body string) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	for name, values := range header {
		recorder.Header()[name] = values
	}
	recorder.WriteHeader(status)
	_, _ = io.WriteString(recorder, body)
	return recorder.Result(), nil
}

func ok(body string) (*http.Response, error) { return respond(http.StatusOK, nil, body) }

// failing answers an error of DT's form.
func failing(status int, header ...string) (*http.Response, error) {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	body, _ := json.Marshal(map[string]any{"error": "it is so", "code": status, "help": "https://docs.example/error"})
	return respond(status, h, string(body))
}

// always answers every request with the same.
func always(body string) func(int, handled) (*http.Response, error) {
	return func(int, handled) (*http.Response, error) { return ok(body) }
}

// tokenAnswer is that of the identity service to its request n.
func tokenAnswer(n, lifetime int) string {
	body, _ := json.Marshal(map[string]any{"access_token": "access-token-" + string(rune('a'+n)), "token_type": "Bearer", "expires_in": lifetime})
	return string(body)
}

// vectors returns a file of testdata, by its members.
func vectors(t testing.TB, name string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// within returns a context that ends when the test has gone on for far too long.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	return ctx
}
