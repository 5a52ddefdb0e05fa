package token_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/gcp/token"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const marked = "ya29.t0ken-MARK-0123456789"

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
