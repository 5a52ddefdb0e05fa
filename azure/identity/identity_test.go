package identity_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/azure/identity"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const resource = "https://storage.azure.com/"

// An endpoint has tokens that last for a while, each another one.
type endpoint struct {
	mu       sync.Mutex
	requests []*http.Request
	answer   func(n int) (int, string)
	delay    time.Duration
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	e.requests = append(e.requests, r)
	n := len(e.requests)
	e.mu.Unlock()
	if e.delay > 0 {
		select {
		case <-time.After(e.delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	status, body := e.answer(n)
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (e *endpoint) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.requests)
}

func lasting(d time.Duration) func(int) (int, string) {
	return func(n int) (int, string) {
		return 200, fmt.Sprintf(`{"access_token":"token-%d","expires_on":"%d","resource":"r","token_type":"Bearer"}`, n, time.Now().Add(d).Unix())
	}
}

func source(e *endpoint, c identity.Config) *identity.Source {
	c.Client = &http.Client{Transport: e}
	return identity.New(c)
}

func want(t *testing.T, s *identity.Source, token string) {
	t.Helper()
	got, err := s.Token(t.Context(), resource)
	if err != nil || got.Reveal() != token {
		t.Errorf("token %q, error %v; want %q", got.Reveal(), err, token)
	}
}

func TestAppService(t *testing.T) {
	e := &endpoint{answer: lasting(time.Hour)}
	want(t, source(e, identity.Config{Endpoint: "http://localhost:8081/msi/token", Header: secret.New("marked"), ClientID: "client"}), "token-1")
	r := e.requests[0]
	q := r.URL.Query()
	if r.Method != "GET" || r.URL.Host != "localhost:8081" || r.URL.Path != "/msi/token" || r.Header.Get("X-IDENTITY-HEADER") != "marked" ||
		q.Get("api-version") != "2019-08-01" || q.Get("resource") != resource || q.Get("client_id") != "client" || r.Header.Get("Metadata") != "" {
		t.Errorf("request %s %s, %v", r.Method, r.URL, r.Header)
	}
}

func TestMetadataService(t *testing.T) {
	e := &endpoint{answer: lasting(time.Hour)}
	want(t, source(e, identity.Config{}), "token-1")
	r := e.requests[0]
	q := r.URL.Query()
	if r.URL.Host != "169.254.169.254" || r.URL.Path != "/metadata/identity/oauth2/token" || r.Header.Get("Metadata") != "true" ||
		q.Get("api-version") != "2018-02-01" || q.Get("resource") != resource || q.Has("client_id") {
		t.Errorf("request %s, %v", r.URL, r.Header)
	}
}

// A token is kept, renewed early by one request while the old one serves, and waited
// for only when there is none.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{answer: lasting(time.Hour), delay: time.Second}
		s := source(e, identity.Config{})
		var first sync.WaitGroup
		for range 50 {
			first.Go(func() { want(t, s, "token-1") })
		}
		first.Wait()
		if e.count() != 1 {
			t.Fatalf("%d requests by 50 callers", e.count())
		}
		<-time.After(44 * time.Minute)
		want(t, s, "token-1")
		if e.count() != 1 {
			t.Errorf("renewed after 44 minutes of 60")
		}
		<-time.After(2 * time.Minute)
		start := time.Now()
		want(t, s, "token-1") // begins the renewal, and does not wait for it
		want(t, s, "token-1")
		if !time.Now().Equal(start) {
			t.Error("waited for a renewal")
		}
		<-time.After(2 * time.Second)
		want(t, s, "token-2")
		if e.count() != 2 {
			t.Errorf("%d requests", e.count())
		}
		<-time.After(2 * time.Hour) // as after a freeze: there is nothing usable
		want(t, s, "token-3")
	})
}

// While the old token lasts, a failure of the endpoint does not show, and is not
// repeated all the time.
func TestFailedRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := lasting(time.Hour)
		down := true
		e := &endpoint{answer: func(n int) (int, string) {
			if n > 1 && down {
				return 500, "oops"
			}
			return good(n)
		}}
		s := source(e, identity.Config{})
		want(t, s, "token-1")
		<-time.After(50 * time.Minute)
		for range 100 {
			want(t, s, "token-1")
			synctest.Wait()
		}
		if e.count() != 2 {
			t.Errorf("%d requests, want 2", e.count())
		}
		<-time.After(time.Minute)
		want(t, s, "token-1")
		synctest.Wait()
		if e.count() != 3 {
			t.Errorf("%d requests, want 3", e.count())
		}
		<-time.After(8 * time.Minute) // less than the margin is left
		if _, err := s.Token(t.Context(), resource); !errors.Is(err, identity.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
		down = false
		want(t, s, "token-5")
	})
}

// A caller that gives up does not take the token from the others.
func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{answer: lasting(time.Hour), delay: 2 * time.Second}
		s := source(e, identity.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Token(ctx, resource); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		want(t, s, "token-1")
		if e.count() != 1 {
			t.Errorf("%d requests", e.count())
		}
	})
}

// Resources have tokens of their own.
func TestResources(t *testing.T) {
	e := &endpoint{answer: lasting(time.Hour)}
	s := source(e, identity.Config{})
	want(t, s, "token-1")
	other, err := s.Token(t.Context(), "https://servicebus.azure.net/")
	if err != nil || other.Reveal() != "token-2" {
		t.Errorf("%q, %v", other.Reveal(), err)
	}
	want(t, s, "token-1")
}

func TestNoToken(t *testing.T) {
	tests := map[string]struct {
		endpoint string
		status   int
		body     string
		want     string
	}{
		"no identity":    {"", 400, `{"error":"invalid_request","error_description":"Identity not found"}`, "invalid_request Identity not found"},
		"app service":    {"http://localhost/x", 500, `{"statusCode":500,"message":"An unexpected error"}`, "An unexpected error"},
		"no JSON":        {"", 200, "marked-token", "not a JSON object"},
		"no token":       {"", 200, `{"expires_on":"1900000000"}`, "no access_token"},
		"unusable token": {"", 200, `{"access_token":"marked-token\n","expires_on":"1900000000"}`, "no access_token"},
		"no end":         {"", 200, `{"access_token":"marked-token"}`, "expires_on"},
		"end as a date":  {"", 200, `{"access_token":"marked-token","expires_on":"1/1/2030 0:00:00 +00:00"}`, "expires_on"},
		"bad endpoint":   {"::", 200, "", "IDENTITY_ENDPOINT"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := &endpoint{answer: func(int) (int, string) { return test.status, test.body }}
			_, err := source(e, identity.Config{Endpoint: test.endpoint, Header: secret.New("marked-header")}).Token(t.Context(), resource)
			if !errors.Is(err, identity.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v", err)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-token")
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-header")
		})
	}
}

// Whatever an endpoint answers, there is a token that can be sent, or an error without
// the answer's text.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"abc","expires_on":"1900000000"}`, `{"access_token":"abc","expires_on":1900000000}`,
		`{"access_token":1}`, `{"access_token":"a b","expires_on":"1"}`, `[]`, ``, `{"access_token":"abc","expires_on":"-1"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := &endpoint{answer: func(int) (int, string) { return 200, string(body) }}
		token, err := source(e, identity.Config{}).Token(t.Context(), resource)
		if err != nil {
			if !errors.Is(err, identity.ErrUnavailable) || !token.IsZero() || len(err.Error()) > 300 {
				t.Errorf("token %v, error %v", token, err)
			}
			return
		}
		for _, r := range token.Reveal() {
			if r <= ' ' || r > '~' {
				t.Fatalf("a token with %q", r)
			}
		}
		if token.IsZero() {
			t.Error("no token and no error")
		}
	})
}
