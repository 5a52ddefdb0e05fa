package pubsub_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const marked = "ya29.t0ken-MARK-0123456789"

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A fault comes between the sink and the service, for as many requests as it lasts.
type fault struct {
	next  http.RoundTripper
	count atomic.Int64 // requests so far
	lasts int64
	how   func(r *http.Request, next http.RoundTripper) (*http.Response, error)
}

func (f *fault) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.count.Add(1) > f.lasts {
		return f.next.RoundTrip(r)
	}
	return f.how(r, f.next)
}

func answer(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func answering(status int, body string, header ...string) func(*http.Request, http.RoundTripper) (*http.Response, error) {
	return func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return answer(r, status, body, header...), nil
	}
}

func hanging(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// torn lets the service store the messages and then loses its answer.
func torn(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	answer, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
}

// half breaks off in mid-answer.
func half(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	full, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	full.Body = io.NopCloser(io.MultiReader(io.LimitReader(full.Body, 5), failing{}))
	return full, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Through each fault of a moment the events come, and after one that lasts they can be
// sent again.
func TestFaultsOfAMoment(t *testing.T) {
	tests := map[string]func(*http.Request, http.RoundTripper) (*http.Response, error){
		"429":                    answering(429, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}`),
		"503":                    answering(503, `not JSON`),
		"500":                    answering(500, ``),
		"409 aborted":            answering(409, `{"error":{"code":409,"status":"ABORTED"}}`),
		"refused connection":     func(*http.Request, http.RoundTripper) (*http.Response, error) { return nil, io.EOF },
		"torn after it stored":   torn,
		"answer that breaks off": half,
	}
	for name, how := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t)
			c := b.Config()
			f := &fault{next: c.Client.Transport, lasts: 1, how: how}
			c.Client = &http.Client{Transport: f}
			s := mustOpen(t, c)
			for n := range 3 {
				if _, err := s.Publish(t.Context(), []sink.Message{event(n)}); err != nil {
					t.Fatal(err)
				}
			}
			stored, _ := b.stored(t.Context())
			ids := make(map[string]bool)
			for _, m := range stored {
				ids[m.ID] = true
			}
			if len(ids) != 3 || f.count.Load() != 4 {
				t.Errorf("stored %v by %d requests, want 3 events by 4", ids, f.count.Load())
			}
		})
	}
}

// service answers every request alike, and well after the faults.
func service(f *fault) pubsub.Config {
	f.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		return answer(r, 200, `{"messageIds":["1"]}`), nil
	})
	return pubsub.Config{Tokens: fixedToken{token: secret.New(marked)}, Client: &http.Client{Transport: f}}
}

// What lasts is an error within the time that DT waits, and says what to do.
func TestFaultsThatLast(t *testing.T) {
	const echo = `{"error":{"code":403,"status":"PERMISSION_DENIED","message":"User not authorized: Bearer ` + marked + `"}}`
	tests := map[string]struct {
		how      func(*http.Request, http.RoundTripper) (*http.Response, error)
		requests [2]int64 // fewest and most
		want     []string
		is       error // nil for any
	}{
		"429": {answering(429, `{"error":{"status":"RESOURCE_EXHAUSTED","message":"Quota exceeded"}}`), [2]int64{4, 12}, []string{"429 RESOURCE_EXHAUSTED", "Quota exceeded", "quota of publisher"}, context.DeadlineExceeded},
		"503": {answering(503, ``), [2]int64{4, 12}, []string{"answered 503"}, context.DeadlineExceeded},
		"503 for a minute": {
			answering(503, ``, "Retry-After", "60"), [2]int64{1, 1}, []string{"answered 503"}, context.DeadlineExceeded,
		},
		"503 for 3 s each time": {
			answering(503, ``, "Retry-After", "3"), [2]int64{3, 3}, []string{"answered 503"}, context.DeadlineExceeded,
		},
		"no answer":            {hanging, [2]int64{2, 2}, []string{"pubsub.googleapis.com"}, context.DeadlineExceeded},
		"permission refused":   {answering(403, echo), [2]int64{1, 1}, []string{"403 PERMISSION_DENIED", "roles/pubsub.publisher", secret.Redacted}, nil},
		"token refused":        {answering(401, `{"error":{"status":"UNAUTHENTICATED"}}`), [2]int64{1, 1}, []string{"401 UNAUTHENTICATED", "roles/pubsub.publisher"}, nil},
		"no such topic":        {answering(404, `{"error":{"status":"NOT_FOUND"}}`), [2]int64{1, 1}, []string{"make the topic"}, nil},
		"redirect":             {answering(302, ``, "Location", "https://example.com/"), [2]int64{1, 1}, []string{"redirects are not followed"}, nil},
		"bad request":          {answering(400, `{"error":{"status":"INVALID_ARGUMENT","message":"bad key"}}`), [2]int64{1, 1}, []string{"bad key"}, nil},
		"not Pub/Sub":          {answering(200, `<html>`), [2]int64{1, 1}, []string{"not Pub/Sub's"}, nil},
		"ids for others":       {answering(200, `{"messageIds":["1","2"]}`), [2]int64{1, 1}, []string{"not Pub/Sub's"}, nil},
		"message too large":    {answering(400, `{"error":{"status":"INVALID_ARGUMENT","message":"The value for message_size is too large."}}`), [2]int64{1, 1}, nil, sink.ErrTooLarge},
		"payload too large":    {answering(400, `{"error":{"status":"INVALID_ARGUMENT","message":"Request payload size exceeds the limit: 10485760 bytes."}}`), [2]int64{1, 1}, nil, sink.ErrTooLarge},
		"entity too large":     {answering(413, ``), [2]int64{1, 1}, nil, sink.ErrTooLarge},
		"409 that is for good": {answering(409, `{"error":{"status":"ALREADY_EXISTS"}}`), [2]int64{1, 1}, []string{"ALREADY_EXISTS"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fault{lasts: 1 << 40, how: test.how}
				s, err := open(t.Context(), service(f), sinkURL)
				if err != nil {
					t.Fatal(err)
				}
				started := time.Now()
				_, err = s.Publish(t.Context(), []sink.Message{event(1)})
				if took := time.Since(started); err == nil || took > 8*time.Second {
					t.Fatalf("error %v after %s, want one within 8 s", err, took)
				}
				if n := f.count.Load(); n < test.requests[0] || n > test.requests[1] {
					t.Errorf("%d requests, want %v", n, test.requests)
				}
				for _, want := range append(test.want, topicName) {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q, want one with %q", err, want)
					}
				}
				if test.is != nil && !errors.Is(err, test.is) || test.is != sink.ErrTooLarge && errors.Is(err, sink.ErrTooLarge) {
					t.Errorf("error %q, want one that wraps %v", err, test.is)
				}
				secrettest.CheckHidden(t, "error", err.Error(), marked)
				f.lasts = 0
				if _, err := s.Publish(t.Context(), []sink.Message{event(1)}); err != nil {
					t.Errorf("after the fault: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A request with several messages is never too large for good: the others would be
// lost with one.
func TestSeveralAreNotTooLarge(t *testing.T) {
	f := &fault{lasts: 1, how: answering(413, ``)}
	s := mustOpen(t, service(f))
	_, err := s.Publish(t.Context(), []sink.Message{event(1), event(2)})
	if err == nil || errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("error %v, want one that is not ErrTooLarge", err)
	}
}

func TestToken(t *testing.T) {
	var got *http.Request
	c := pubsub.Config{Tokens: fixedToken{token: secret.New(marked)}, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r
		return answer(r, 200, `{"messageIds":["1"]}`), nil
	})}}
	u, err := url.Parse("gcp-pubsub://projects/plant-7/topics/a%25b")
	if err != nil {
		t.Fatal(err)
	}
	s, err := pubsub.Opener(c)(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Publish(t.Context(), []sink.Message{event(1)}); err != nil {
		t.Fatal(err)
	}
	const want = "https://pubsub.googleapis.com/v1/projects/plant-7/topics/a%25b:publish"
	if got.URL.String() != want || got.Header.Get("Authorization") != "Bearer "+marked {
		t.Errorf("request to %s with %q, want %s with the token", got.URL, got.Header.Get("Authorization"), want)
	}
}

func TestNoToken(t *testing.T) {
	unavailable := errors.New("no service account")
	f := &fault{}
	c := service(f)
	c.Tokens = fixedToken{err: unavailable}
	_, err := mustOpen(t, c).Publish(t.Context(), []sink.Message{event(1)})
	if !errors.Is(err, unavailable) || f.count.Load() != 0 {
		t.Errorf("error %v after %d requests, want %v after none", err, f.count.Load(), unavailable)
	}
}

// An emulator gets no token.
func TestEmulatorGetsNoToken(t *testing.T) {
	b := newBroker(t)
	c := b.Config()
	c.Tokens = fixedToken{token: secret.New(marked)}
	if _, err := mustOpen(t, c).Publish(t.Context(), []sink.Message{event(1)}); err != nil {
		t.Fatal(err)
	}
	if got := b.headers[0].Get("Authorization"); got != "" {
		t.Errorf("Authorization %q was sent", got)
	}
}
