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
)

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

// pass lets time pass on the clock of a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

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
			pass(time.Until(start.Add(step.after)))
			if got := get(t, s); got != step.want {
				t.Errorf("after %s: %s, want %s", step.after, got, step.want)
			}
			pass(1500 * time.Millisecond)
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
				pass(57 * time.Minute)
				for range 14 {
					if got := get(t, s); got != "token-1" {
						t.Errorf("token %s", got)
					}
					pass(time.Second)
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
