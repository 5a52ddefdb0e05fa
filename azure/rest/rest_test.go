package rest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// A service answers requests in this process, one answer after the other, the last
// for all that follow.
type service struct {
	answers []func(*http.Request) (*http.Response, error)
	bodies  []string
	times   []time.Time
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.bodies, s.times = append(s.bodies, string(body)), append(s.times, time.Now())
	n := min(len(s.bodies), len(s.answers))
	return s.answers[n-1](r)
}

func status(code int, header http.Header, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{StatusCode: code, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func broken(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

type nobody struct{}

func (nobody) Authorize(context.Context, *http.Request, []byte) error { return nil }

func request(t *testing.T, once bool) rest.Request {
	t.Helper()
	u, err := url.Parse("https://account.example/things?sig=marked-secret")
	if err != nil {
		t.Fatal(err)
	}
	return rest.Request{Method: http.MethodPost, URL: u, Body: []byte("body"), Once: once}
}

func TestRetries(t *testing.T) {
	ok := status(201, nil, "")
	tests := map[string]struct {
		answers []func(*http.Request) (*http.Response, error)
		once    bool
		sent    int
		ok      bool
	}{
		"at once":                           {[]func(*http.Request) (*http.Response, error){ok}, false, 1, true},
		"throttled, then not":               {[]func(*http.Request) (*http.Response, error){status(503, nil, ""), status(429, nil, ""), ok}, false, 3, true},
		"throttled for good":                {[]func(*http.Request) (*http.Response, error){status(503, nil, "")}, false, 3, false},
		"torn connection":                   {[]func(*http.Request) (*http.Response, error){broken, ok}, false, 2, true},
		"torn connection, only once":        {[]func(*http.Request) (*http.Response, error){broken, ok}, true, 1, false},
		"internal error":                    {[]func(*http.Request) (*http.Response, error){status(500, nil, ""), ok}, false, 2, true},
		"internal error, only once":         {[]func(*http.Request) (*http.Response, error){status(500, nil, ""), ok}, true, 1, false},
		"throttled, only once":              {[]func(*http.Request) (*http.Response, error){status(503, nil, ""), ok}, true, 2, true},
		"refused":                           {[]func(*http.Request) (*http.Response, error){status(403, nil, ""), ok}, false, 1, false},
		"redirected":                        {[]func(*http.Request) (*http.Response, error){status(302, http.Header{"Location": {"https://elsewhere.example/"}}, ""), ok}, false, 1, false},
		"asked to wait longer than allowed": {[]func(*http.Request) (*http.Response, error){status(503, http.Header{"Retry-After": {"60"}}, ""), ok}, false, 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{answers: test.answers}
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				start := time.Now()
				_, err := rest.NewClient(&http.Client{Transport: s}, nobody{}).Do(ctx, request(t, test.once))
				if (err == nil) != test.ok || len(s.bodies) != test.sent {
					t.Errorf("sent %d times, want %d; error %v", len(s.bodies), test.sent, err)
				}
				for _, body := range s.bodies {
					if body != "body" {
						t.Errorf("sent body %q", body)
					}
				}
				if took := time.Since(start); took > time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// A service that asks for a wait within the time that there is gets it.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{answers: []func(*http.Request) (*http.Response, error){status(503, http.Header{"Retry-After": {"2"}}, ""), status(201, nil, "")}}
		if _, err := rest.NewClient(&http.Client{Transport: s}, nobody{}).Do(t.Context(), request(t, false)); err != nil {
			t.Fatal(err)
		}
		if wait := s.times[1].Sub(s.times[0]); wait < 2*time.Second || wait > 3*time.Second {
			t.Errorf("waited %v, want 2s", wait)
		}
	})
}

func TestEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		s := &service{answers: []func(*http.Request) (*http.Response, error){hang}}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := rest.NewClient(&http.Client{Transport: s}, nobody{}).Do(ctx, request(t, false))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second || len(s.bodies) != 1 {
			t.Errorf("after %v, sent %d times: %v", time.Since(start), len(s.bodies), err)
		}
	})
}

func TestErrors(t *testing.T) {
	storage := "<?xml version=\"1.0\"?>\ufeff<Error><Code>QueueNotFound</Code><Message>The specified queue does not exist.\nRequestId:1\nTime:2</Message></Error>"
	tests := map[string]struct {
		header http.Header
		body   string
		want   string
		code   string
	}{
		"storage":            {http.Header{"X-Ms-Error-Code": {"QueueNotFound"}}, storage, `answered 404 QueueNotFound: "The specified queue does not exist. RequestId:1 Time:2"`, "QueueNotFound"},
		"without header":     {nil, storage, `answered 404 QueueNotFound: "The specified`, "QueueNotFound"},
		"service bus":        {nil, "<Error><Code>404</Code><Detail>40400: Endpoint not found.</Detail></Error>", `answered 404: "40400: Endpoint not found."`, ""},
		"nothing":            {nil, "", "answered 404", ""},
		"no XML":             {nil, "<html>oops", "answered 404", ""},
		"long":               {nil, "<Message>" + strings.Repeat("x", 5000) + "</Message>", `x"`, ""},
		"control characters": {http.Header{"X-Ms-Error-Code": {"A\tB"}}, "<Message>a\x1b[31m\u2028b</Message>", `answered 404 A B: "a [31m b"`, "A B"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &service{answers: []func(*http.Request) (*http.Response, error){status(404, test.header, test.body)}}
			_, err := rest.NewClient(&http.Client{Transport: s}, nobody{}).Do(t.Context(), request(t, false))
			answer, ok := errors.AsType[*rest.Error](err)
			if !ok || answer.Status != 404 || answer.Code != test.code {
				t.Fatalf("error %#v", err)
			}
			if !strings.Contains(err.Error(), "POST account.example/things: ") || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 600 {
				t.Errorf("error %q, want %q in it", err, test.want)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-secret")
		})
	}
}

// No error has the URL's query or a credential in it, whatever fails.
func TestErrorsHideTheQuery(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	u, err := url.Parse(server.URL + "/things?sig=marked-secret")
	if err != nil {
		t.Fatal(err)
	}
	_, err = rest.NewClient(server.Client(), rest.Bearer(tokens{text: "marked-secret"}, "r")).Do(t.Context(), rest.Request{Method: "PUT", URL: u})
	if err == nil {
		t.Fatal("no error")
	}
	secrettest.CheckHidden(t, "the error", err.Error(), "marked-secret")
}

// The error names the address, whether its path was joined to another one or not.
func TestErrorsNameTheAddress(t *testing.T) {
	for _, path := range []string{"/things/1", "things/1"} {
		u := &url.URL{Scheme: "https", Host: "account.example", Path: path}
		_, err := rest.NewClient(http.DefaultClient, rest.Bearer(tokens{err: errors.New("log in first")}, "r")).Do(t.Context(), rest.Request{Method: "GET", URL: u})
		if err == nil || !strings.HasPrefix(err.Error(), "GET account.example/things/1: ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

type tokens struct {
	text string
	err  error
}

func (s tokens) Token(context.Context, string) (secret.Text, error) { return secret.New(s.text), s.err }

func TestBearer(t *testing.T) {
	var got string
	s := &service{answers: []func(*http.Request) (*http.Response, error){func(r *http.Request) (*http.Response, error) {
		got = r.Header.Get("Authorization")
		return status(200, http.Header{"Etag": {"1"}}, "answer")(r)
	}}}
	answer, err := rest.NewClient(&http.Client{Transport: s}, rest.Bearer(tokens{text: "abc"}, "https://r/")).Do(t.Context(), request(t, false))
	if err != nil || got != "Bearer abc" || !bytes.Equal(answer.Body, []byte("answer")) || answer.Status != 200 || answer.Header.Get("Etag") != "1" {
		t.Errorf("authorization %q, answer %+v, error %v", got, answer, err)
	}
	failed := errors.New("marker")
	_, err = rest.NewClient(&http.Client{Transport: s}, rest.Bearer(tokens{err: failed}, "https://r/")).Do(t.Context(), request(t, false))
	if !errors.Is(err, failed) || !strings.Contains(err.Error(), "https://r/") || len(s.bodies) != 1 {
		t.Errorf("error %v after %d requests", err, len(s.bodies))
	}
}
