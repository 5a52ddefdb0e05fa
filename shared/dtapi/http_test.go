package dtapi_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// serve returns a client of a real server, with the client's own HTTP client.
func serve(t *testing.T, server *httptest.Server, set ...func(*dtapi.Config)) *dtapi.Client {
	t.Helper()
	t.Cleanup(server.Close)
	config := dtapi.Config{
		URL: server.URL + "/v2/", TokenURL: server.URL + "/oauth2/token",
		Credentials: dtapi.Credentials{KeyID: keyID, Secret: secret.New(keySecret), Email: email},
		Rate:        1e9, Burst: 1e9, Attempts: 1,
	}
	for _, f := range set {
		f(&config)
	}
	c, err := dtapi.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Over HTTP: the token, the header, the path below a base that ends in a slash, a
// compressed answer.
func TestOverHTTP(t *testing.T) {
	var got atomic.Pointer[http.Request]
	c := serve(t, httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/token" {
			if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = io.WriteString(w, tokenAnswer(0, 3600))
			return
		}
		got.Store(r)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, namedAnswer)
		_ = z.Close()
	})), func(c *dtapi.Config) { c.UserAgent = "a test/1" })
	connector, err := c.Connector(t.Context(), connector)
	if err != nil || connector.Name != "projects/p/dataconnectors/c" {
		t.Fatalf("got %v, %v", connector, err)
	}
	r := got.Load()
	if r.URL.String() != "/v2/projects/c0md3mm0c7pet3vico8g/dataconnectors/c16eegpdidie7lltpefg" || r.Header.Get("Authorization") != "Bearer access-token-a" ||
		r.UserAgent() != "a test/1" || r.Header.Get("Accept") != "application/json" {
		t.Errorf("got %s with %v", r.URL, r.Header)
	}
}

// A redirect over real HTTP does not take the credentials along.
func TestCredentialsStayOverHTTP(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	c := serve(t, httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect)), func(c *dtapi.Config) { c.Credentials.Email = "" })
	if err := c.SyncConnector(t.Context(), connector); err == nil || elsewhere.Load() != 0 {
		t.Errorf("got %v, %d requests elsewhere", err, elsewhere.Load())
	}
}

// A connection that is torn in the middle of an answer is an error that can be
// repeated; nothing of half an answer is used.
func TestTornOverHTTP(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			_, _ = io.WriteString(w, namedAnswer)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(namedAnswer)))
		_, _ = io.WriteString(w, namedAnswer[:10])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	c := serve(t, server, func(c *dtapi.Config) { c.Credentials.Email = "" })
	if _, err := c.Connector(t.Context(), connector); !errors.Is(err, dtapi.ErrUnavailable) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Connector(t.Context(), connector); err != nil {
		t.Errorf("again: %v", err)
	}
}

// Nobody listens: that is known to be before anything was sent, so that a POST is
// tried again too.
func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	attempts := 0
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := httptest.NewServer(http.NotFoundHandler())
	c := serve(t, server, func(c *dtapi.Config) {
		c.URL, c.Credentials.Email, c.Attempts = "http://"+address, "", 3
		c.Observe = func(dtapi.Call) {
			if attempts++; attempts == 2 {
				cancel()
			}
		}
	})
	_, err = c.CreateConnector(ctx, project, dtapi.Connector{Type: dtapi.TypeSQS})
	if attempts != 2 || !errors.Is(err, context.Canceled) || !errors.Is(err, dtapi.ErrUnavailable) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

// A certificate that is not trusted will not be trusted later either.
func TestCertificateOverHTTP(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	attempts := 0
	c := serve(t, server, func(c *dtapi.Config) {
		c.Credentials.Email, c.Attempts = "", 5
		c.Observe = func(dtapi.Call) { attempts++ }
	})
	err := c.SyncConnector(t.Context(), connector)
	if attempts != 1 || !errors.Is(err, dtapi.ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// Connections are used again, whatever is answered on them.
func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	var n atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 4 {
		case 0:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, strings.Repeat("x", 100<<10)) // more than is looked at
		case 1:
			w.WriteHeader(http.StatusConflict)
		case 2:
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20+100)) // a little too long
		default:
			_, _ = io.WriteString(w, namedAnswer)
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	c := serve(t, server, func(c *dtapi.Config) { c.Credentials.Email = "" })
	for range 40 {
		_, _ = c.Connector(t.Context(), connector)
	}
	if got := opened.Load(); got != 1 {
		t.Errorf("%d connections for 40 calls one after the other, want 1", got)
	}
	opened.Store(0)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 4 {
				_, _ = c.Connector(t.Context(), connector)
			}
		})
	}
	all.Wait()
	if got := opened.Load(); got > 32 {
		t.Errorf("%d connections for 16 callers, want about as many", got)
	}
}
