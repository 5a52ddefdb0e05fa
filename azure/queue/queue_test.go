package queue_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

type tokens struct{}

func (tokens) Token(context.Context, string) (secret.Text, error) { return secret.New("token"), nil }

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func open(t *testing.T, rawURL string, f transport) (sink.Sink, error) {
	t.Helper()
	d := sink.Drivers{queue.Scheme: queue.Opener(storage.Config{Tokens: tokens{}, Client: &http.Client{Transport: f}})}
	return d.Open(t.Context(), []string{rawURL})
}

const address = "azure-queue://acc.queue.core.windows.net/events"

func answer(status int, code string) (*http.Response, error) {
	header := http.Header{}
	if code != "" {
		header.Set("x-ms-error-code", code)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(""))}, nil
}

// A message is the event in base64, and stays until somebody takes it.
func TestRequest(t *testing.T) {
	var got *http.Request
	var body string
	s, err := open(t, address, func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		got, body = r, string(text)
		if err != nil {
			return nil, err
		}
		return answer(201, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), []sink.Message{{ID: "e1", Data: []byte("{\"a\":\"\u00e6\"}\x00")}}); err != nil {
		t.Fatal(err)
	}
	const want = "<QueueMessage><MessageText>eyJhIjoiw6YifQA=</MessageText></QueueMessage>"
	if got.Method != "POST" || got.URL.String() != "https://acc.queue.core.windows.net/events/messages?messagettl=-1" || body != want {
		t.Errorf("%s %s\n%s", got.Method, got.URL, body)
	}
}

// The longest event is the longest that Azure takes; above it nothing is sent.
func TestTooLarge(t *testing.T) {
	sent := 0
	s, err := open(t, address, func(*http.Request) (*http.Response, error) { sent++; return answer(201, "") })
	if err != nil {
		t.Fatal(err)
	}
	if n := base64.StdEncoding.EncodedLen(queue.MaxData); n > queue.MaxText || base64.StdEncoding.EncodedLen(queue.MaxData+1) <= queue.MaxText {
		t.Errorf("%d bytes become %d", queue.MaxData, n)
	}
	if _, err := s.Publish(t.Context(), []sink.Message{{Data: bytes.Repeat([]byte("x"), queue.MaxData)}}); err != nil {
		t.Error(err)
	}
	if _, err := s.Publish(t.Context(), []sink.Message{{Data: bytes.Repeat([]byte("x"), queue.MaxData+1)}}); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if sent != 1 {
		t.Errorf("%d requests", sent)
	}
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		status   int
		code     string
		tooLarge bool
		want     string
	}{
		"no queue":          {404, "QueueNotFound", false, "make the queue"},
		"no permission":     {403, "AuthorizationPermissionMismatch", false, "Storage Queue Data Message Sender"},
		"no authentication": {401, "InvalidAuthenticationInfo", false, storage.Variable},
		"throttled":         {503, "ServerBusy", false, "ServerBusy"},
		"request too large": {413, "RequestBodyTooLarge", true, ""},
		"message too large": {400, "MessageTooLarge", true, ""},
		"disabled":          {409, "QueueDisabled", false, "QueueDisabled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := open(t, address, func(*http.Request) (*http.Response, error) { return answer(test.status, test.code) })
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Publish(t.Context(), []sink.Message{{Data: []byte("{}")}})
			if err == nil || errors.Is(err, sink.ErrTooLarge) != test.tooLarge || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A queue that does not answer is an error when the caller's time is over.
func TestTimeout(t *testing.T) {
	s, err := open(t, address, func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Publish(ctx, []sink.Message{{Data: []byte("{}")}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestBadURLs(t *testing.T) {
	tests := map[string]string{ // the URL to what the error says
		"azure-queue://acc.queue.core.windows.net":                            "names no queue",
		"azure-queue://acc.queue.core.windows.net/ab":                         "names no queue",
		"azure-queue://acc.queue.core.windows.net/Events":                     "names no queue",
		"azure-queue://acc.queue.core.windows.net/a--b":                       "names no queue",
		"azure-queue://acc.queue.core.windows.net/-ab":                        "names no queue",
		"azure-queue://acc.queue.core.windows.net/a/b/c":                      "names no queue",
		"azure-queue://acc.blob.core.windows.net/events":                      "names no storage account",
		"azure-queue:///events":                                               "names no storage account",
		"azure-queue://acc:marked@acc.queue.core.windows.net/events":          "credentials are not part",
		"azure-queue://acc.queue.core.windows.net/events?sig=marked":          "credentials are not part",
		"azure-queue://acc.queue.core.windows.net:444/events":                 "more than a host",
		"azure-queue://acc.queue.core.windows.net/" + strings.Repeat("a", 64): "names no queue",
	}
	for rawURL, want := range tests {
		_, err := open(t, rawURL, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "marked") {
			t.Errorf("%s: error %v, want %q in it", rawURL, err, want)
		}
	}
}

// Whatever a URL is, opening it panics never, and an error shows no query.
func FuzzURL(f *testing.F) {
	for _, s := range []string{address, "azure-queue://acc.queue.core.windows.net/%2e%2e/x", "azure-queue:opaque", "azure-queue://[::1]/abc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rawURL string) {
		u, err := url.Parse(rawURL)
		if err != nil {
			return
		}
		u.RawQuery = "sig=marked-secret"
		open := queue.Opener(storage.Config{Tokens: tokens{}, Client: http.DefaultClient})
		if _, err := open(t.Context(), u); err == nil || strings.Contains(err.Error(), "marked-secret") {
			t.Errorf("error %v", err)
		}
	})
}
