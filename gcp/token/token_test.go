package token_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/gcp/token"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const marked = "ya29.t0ken-MARK-0123456789"

// A metadata server has tokens, each another one.
type metadata struct {
	count  atomic.Int64
	delay  time.Duration
	answer func(n int64) (int, string)
}

func (m *metadata) RoundTrip(r *http.Request) (*http.Response, error) {
	n := m.count.Add(1)
	if m.delay > 0 {
		select {
		case <-time.After(m.delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	status, body := m.answer(n)
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func hourly(n int64) (int, string) {
	return 200, fmt.Sprintf(`{"access_token":"token-%d","expires_in":3600,"token_type":"Bearer"}`, n)
}

func source(m *metadata) *token.Source {
	return token.New(token.Config{Client: &http.Client{Transport: m}})
}

func get(t *testing.T, s *token.Source) string {
	t.Helper()
	got, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got.Reveal()
}

func TestRequest(t *testing.T) {
	var got *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, body := hourly(1)
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	s := token.New(token.Config{Host: server.Listener.Addr().String(), Client: server.Client()})
	if text := get(t, s); text != "token-1" {
		t.Errorf("token %q", text)
	}
	const path = "/computeMetadata/v1/instance/service-accounts/default/token"
	if got.Method != http.MethodGet || got.URL.String() != path || got.Header.Get("Metadata-Flavor") != "Google" {
		t.Errorf("request %s %s with Metadata-Flavor %q", got.Method, got.URL, got.Header.Get("Metadata-Flavor"))
	}
}

func TestDefaultHost(t *testing.T) {
	m := &metadata{answer: hourly}
	host := ""
	s := token.New(token.Config{Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		host = r.URL.Host
		return m.RoundTrip(r)
	})}})
	if get(t, s); host != "169.254.169.254" {
		t.Errorf("asked %s", host)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A token is kept for as long as it lasts, renewed before it ends without anyone
// waiting, and not used at its end.
func TestKeptAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &metadata{answer: hourly, delay: time.Second}
		s := source(m)
		steps := []struct {
			after time.Duration // since the start
			want  string
			asked int64 // when all is quiet again
		}{
			{0, "token-1", 1},
			{56 * time.Minute, "token-1", 1},
			{56*time.Minute + 20*time.Second, "token-1", 2}, // 3:40 before its end
			{56*time.Minute + 22*time.Second, "token-2", 2},
			{3 * time.Hour, "token-3", 3}, // frozen meanwhile
		}
		start := time.Now()
		for _, step := range steps {
			time.Sleep(time.Until(start.Add(step.after))) // the bubble's clock
			if got := get(t, s); got != step.want {
				t.Errorf("after %s: %s, want %s", step.after, got, step.want)
			}
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			if n := m.count.Load(); n != step.asked {
				t.Errorf("after %s: asked %d times, want %d", step.after, n, step.asked)
			}
		}
	})
}

// While the metadata server fails, or hands out the old token, the old one is used and
// the server is not asked for each event.
func TestRenewalThatBringsNothing(t *testing.T) {
	tests := map[string]func() (int, string){
		"refused":       func() (int, string) { return 403, "" },
		"the old token": func() (int, string) { return 200, `{"access_token":"token-1","expires_in":220}` },
	}
	for name, later := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &metadata{answer: func(n int64) (int, string) {
					if n == 1 {
						return 200, `{"access_token":"token-1","expires_in":3600}`
					}
					return later()
				}}
				s := source(m)
				get(t, s)
				time.Sleep(57 * time.Minute) // the bubble's clock
				for range 14 {
					if got := get(t, s); got != "token-1" {
						t.Errorf("token %s", got)
					}
					time.Sleep(time.Second)
				}
				synctest.Wait()
				if n := m.count.Load(); n != 2 {
					t.Errorf("asked %d times in 14 s, want 1 after the first", n-1)
				}
			})
		})
	}
}

func TestOneRequestForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &metadata{answer: hourly, delay: time.Second}
		s := source(m)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got := get(t, s); got != "token-1" {
					t.Errorf("token %s", got)
				}
			})
		}
		all.Wait()
		if n := m.count.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A caller that gives up does not fail the others.
func TestCallerThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &metadata{answer: hourly, delay: time.Second}
		s := source(m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		if got := get(t, s); got != "token-1" {
			t.Errorf("token %s", got)
		}
	})
}

func TestFaultsOfAMoment(t *testing.T) {
	for _, status := range []int{0, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &metadata{answer: func(n int64) (int, string) {
					if n < 3 {
						return status, ""
					}
					return hourly(n)
				}}
				if got := get(t, source(m)); got != "token-3" {
					t.Errorf("token %s", got)
				}
			})
		})
	}
}

func TestNoToken(t *testing.T) {
	tests := map[string]struct {
		status   int
		body     string
		requests int64
		want     string
	}{
		"torn":             {0, "", 3, "unexpected EOF"},
		"overloaded":       {503, "", 3, "answered 503"},
		"no account":       {404, marked, 1, "give the program a service account"},
		"not JSON":         {200, marked, 1, "not a JSON object"},
		"no token":         {200, `{"expires_in":3600}`, 1, "no access_token"},
		"token with lines": {200, `{"access_token":"` + marked + `\n","expires_in":3600}`, 1, "no access_token"},
		"no end":           {200, `{"access_token":"` + marked + `"}`, 1, "expires_in"},
		"end as text":      {200, `{"access_token":"` + marked + `","expires_in":"3600"}`, 1, "not a JSON object"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &metadata{answer: func(int64) (int, string) { return test.status, test.body }}
				s := source(m)
				_, err := s.Token(t.Context())
				if !errors.Is(err, token.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("error %v, want ErrUnavailable with %q", err, test.want)
				}
				secrettest.CheckHidden(t, "error", err.Error(), marked)
				if n := m.count.Load(); n != test.requests {
					t.Errorf("asked %d times, want %d", n, test.requests)
				}
				m.answer = hourly
				get(t, s) // at once: nothing is kept of the fault
			})
		})
	}
}

func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &metadata{answer: hourly, delay: time.Hour}
		started := time.Now()
		_, err := source(m).Token(t.Context())
		if took := time.Since(started); !errors.Is(err, token.ErrUnavailable) || took > 6*time.Second {
			t.Errorf("error %v after %s, want ErrUnavailable within 6 s", err, took)
		}
	})
}

func TestUsable(t *testing.T) {
	tests := map[string]struct {
		config token.Config
		want   string // "" for usable
	}{
		"nothing set":  {token.Config{}, ""},
		"host":         {token.Config{Host: "metadata.google.internal"}, ""},
		"host, port":   {token.Config{Host: "127.0.0.1:8080"}, ""},
		"key file":     {token.Config{KeyFile: "/secrets/key.json"}, "GOOGLE_APPLICATION_CREDENTIALS is set, but key files are not supported"},
		"URL":          {token.Config{Host: "http://127.0.0.1"}, "GCE_METADATA_HOST is not a host"},
		"host, path":   {token.Config{Host: "127.0.0.1/x"}, "GCE_METADATA_HOST is not a host"},
		"host, query":  {token.Config{Host: "127.0.0.1?x"}, "GCE_METADATA_HOST is not a host"},
		"with account": {token.Config{Host: "a:b@127.0.0.1"}, "GCE_METADATA_HOST is not a host"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := &metadata{answer: hourly}
			test.config.Client = &http.Client{Transport: m}
			s := token.New(test.config)
			_, err := s.Token(t.Context())
			for _, err := range []error{s.Usable(), err} {
				if (err == nil) != (test.want == "") || err != nil && (!errors.Is(err, token.ErrUnavailable) || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("error %v, want %q", err, test.want)
				}
			}
		})
	}
}

// Whatever the server answers, there is a token that can be sent or an error that
// shows nothing of it.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{`{"access_token":"a","expires_in":3600}`, `{"access_token":"a b","expires_in":1}`, `{"access_token":"a","expires_in":1e99}`, `[]`, ``} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m := &metadata{answer: func(int64) (int, string) { return 200, string(body) }}
		got, err := source(m).Token(t.Context())
		switch {
		case err != nil && !errors.Is(err, token.ErrUnavailable):
			t.Errorf("error %v", err)
		case err == nil && (got.IsZero() || strings.ContainsAny(got.Reveal(), " \r\n\x00")):
			t.Errorf("token %q cannot be sent", got.Reveal())
		}
	})
}
