package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// forwardTo opens a sink on a server that answers with handler. user and query are
// put into its URL.
func forwardTo(t *testing.T, handler http.HandlerFunc, user, query string) (sink.Sink, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	raw := strings.Replace(server.URL, "//", "//"+user, 1) + "/events" + query
	s, err := sink.Portable{Signer: newSigner(t)}.Drivers().Open(t.Context(), []string{raw})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s, server
}

func TestForwardRequest(t *testing.T) {
	body := []byte(`{"event":{"eventId":"a"}}`)
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(forwardSecret)})
	must(t, err)
	var faults []string
	s, _ := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		_, refused := verifier.Verify(r.Context(), r.Header, got)
		user, password, _ := r.BasicAuth()
		_, idempotency := r.Header["Idempotency-Key"]
		for what, ok := range map[string]bool{
			"method":           r.Method == http.MethodPost,
			"path and query":   r.RequestURI == "/events?code=s3cret",
			"body":             err == nil && bytes.Equal(got, body),
			"length":           r.ContentLength == int64(len(body)),
			"signature":        refused == nil,
			"Content-Type":     r.Header.Get("Content-Type") == "application/json",
			"User-Agent":       r.Header.Get("User-Agent") == "dt-functions",
			"password":         user == "user" && password == "s3cret",
			"no further field": !idempotency && len(r.Header) == 6,
		} {
			if !ok {
				faults = append(faults, what)
			}
		}
	}, "user:s3cret@", "?code=s3cret")
	if _, err := s.Publish(t.Context(), []sink.Message{{ID: "a", Key: "k", Data: body}}); err != nil {
		t.Fatal(err)
	}
	if len(faults) > 0 {
		t.Errorf("wrong in the request: %q", faults)
	}
}

func TestForwardAnswers(t *testing.T) {
	tests := []struct {
		status   int
		header   string // Location
		body     string
		want     string // in the error; "" for none
		tooLarge bool
	}{
		{status: 200, body: `{"outcome":"accepted"}`},
		{status: 201}, {status: 202, body: strings.Repeat("x", 1<<20)}, {status: 204}, {status: 299},
		{status: 400, body: "bad", want: `answered 400: "bad"`},
		{status: 401, body: `{"outcome":"unauthorized","reason":"expired"}`, want: `answered 401: "{\"outcome\":\"unauthorized\",\"reason\":\"expired\"}"`},
		{status: 413, want: "answered 413", tooLarge: true},
		{status: 429, want: "answered 429"},
		{status: 500, body: strings.Repeat("y", 1000), want: `answered 500: "` + strings.Repeat("y", 200) + `"`},
		{status: 503, body: "\x1b[31m\n", want: `answered 503: "\x1b[31m"`},
		{status: 500, body: "no such page: /events?code=s3cret for s3cret", want: `"no such page: /events?… for …"`},
		{status: 301, header: "https://user:s3cret@other.example/new?code=s3cret", want: "answered 301; redirects are not followed, since the event would not arrive: set the URL to where it leads, https://other.example/new"},
		{status: 302, header: "/login?next=s3cret", want: "/login"},
		{status: 307, header: "/elsewhere", want: "/elsewhere"},
		{status: 308, header: "/elsewhere", want: "/elsewhere"},
		{status: 304, want: "answered 304; redirects are not followed"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			var requests atomic.Int32
			s, server := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if test.header != "" {
					w.Header().Set("Location", test.header)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}, "user:s3cret@", "?code=s3cret")
			result, err := s.Publish(t.Context(), msgs("a"))
			if result.Duplicates != 0 || requests.Load() != 1 {
				t.Errorf("got %+v after %d requests", result, requests.Load())
			}
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			host := strings.TrimPrefix(server.URL, "http://")
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "POST to "+host) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "user") {
				t.Errorf("the error tells a secret: %v", err)
			}
			if errors.Is(err, sink.ErrTooLarge) != test.tooLarge {
				t.Errorf("ErrTooLarge: got %v", err)
			}
		})
	}
}

func TestForwardConcurrency(t *testing.T) {
	const bound = 8
	var mu sync.Mutex
	running, most := 0, 0
	full := make(chan struct{})
	s, _ := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		running++
		most = max(most, running)
		if running == bound {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full // until as many as allowed have come
		mu.Lock()
		running--
		mu.Unlock()
	}, "", "")
	var list []sink.Message
	for i := range 50 {
		list = append(list, msgs(fmt.Sprint(i))...)
	}
	if _, err := s.Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if most != bound {
		t.Errorf("%d at once, want %d", most, bound)
	}
}

func TestForwardStopsAfterAnError(t *testing.T) {
	var requests atomic.Int32
	s, _ := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}, "", "")
	var list []sink.Message
	for i := range 50 {
		list = append(list, msgs(fmt.Sprint(i))...)
	}
	if _, err := s.Publish(t.Context(), list); err == nil || !strings.Contains(err.Error(), "answered 503") {
		t.Errorf("got %v", err)
	}
	if n := requests.Load(); n > 8 {
		t.Errorf("%d requests after the first had failed", n)
	}
}

func TestForwardContext(t *testing.T) {
	asked := make(chan struct{})
	s, _ := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees the client leave
		close(asked)
		<-r.Context().Done()
	}, "user:s3cret@", "")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := s.Publish(ctx, msgs("a")); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := s.Publish(t.Context(), nil); err != nil {
		t.Errorf("no messages: %v", err)
	}
}

// A body that breaks off does not undo what the status said.
func TestForwardAnswerBreaksOff(t *testing.T) {
	s, _ := forwardTo(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}, "", "")
	if _, err := s.Publish(t.Context(), msgs("a")); err != nil {
		t.Error(err)
	}
}

func TestForwardKeepsItsConnection(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader([]int{200, 503}[int(r.ContentLength)%2])
		_, _ = w.Write(make([]byte, 100<<10))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	s, err := sink.Portable{Signer: newSigner(t)}.Drivers().Open(t.Context(), []string{server.URL})
	must(t, err)
	for i := range 20 {
		_, err := s.Publish(t.Context(), []sink.Message{{Data: make([]byte, i)}})
		if (err != nil) != (i%2 == 1) {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	must(t, s.Close())
}

func TestForwardConnectionFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	s, err := sink.Portable{Signer: newSigner(t)}.Drivers().Open(t.Context(), []string{"http://user:s3cret@" + address + "/s3cret?code=s3cret"})
	must(t, err)
	_, err = s.Publish(t.Context(), msgs("a"))
	if err == nil || !strings.HasPrefix(err.Error(), "POST to "+address+": ") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestForwardLeavesTheClientAlone(t *testing.T) {
	r := newReceiver(t)
	s, err := r.open(t.Context())
	must(t, err)
	if _, err := s.Publish(t.Context(), msgs("a")); err != nil {
		t.Fatal(err)
	}
	must(t, s.Close())
	if r.client.CheckRedirect != nil {
		t.Error("the redirect policy of the caller's client was changed")
	}
}

func TestForwardOpenErrors(t *testing.T) {
	signed := sink.Portable{Signer: newSigner(t)}.Drivers()
	unsigned := sink.Portable{Client: &http.Client{Timeout: time.Second}}.Drivers()
	tests := []struct {
		drivers   sink.Drivers
		url, want string // want "" for no error
	}{
		{signed, "https://events.example/path", ""},
		{signed, "https://events.example", ""},
		{signed, "http://localhost:8080/path", ""},
		{signed, "http://127.0.0.2/path", ""},
		{signed, "http://[::1]:8080/path", ""},
		{signed, "http://user:s3cret@events.example/path", "use https://"},
		{signed, "http://127.0.0.1.example/path", "use https://"},
		{signed, "http://10.0.0.1/path", "use https://"},
		{signed, "https:///path", "names no host; want https://host/path"},
		{signed, "https:events.example", "names no host"},
		{signed, "https://:8080/path", "names no host"},
		{signed, "https://events.example/#s3cret", "fragment"},
		{unsigned, "https://user:s3cret@events.example/path", "set DT_FORWARD_SECRET"},
	}
	for _, test := range tests {
		s, err := test.drivers.Open(t.Context(), []string{test.url})
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.url, err)
				continue
			}
			must(t, s.Close())
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", test.url, err, test.want)
		}
	}
}
