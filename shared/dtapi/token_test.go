package dtapi_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// A token that DT stops taking is replaced once, for all who use it, and the calls
// are repeated.
func TestTokenIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Second}
		var calls []dtapi.Call
		var mu sync.Mutex
		c := w.client(t, withToken, func(c *dtapi.Config) {
			c.Observe = func(call dtapi.Call) {
				mu.Lock()
				defer mu.Unlock()
				calls = append(calls, call)
			}
		})
		w.api = func(n int, r handled) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer access-token-a" {
				pass(time.Duration(n) * time.Second) // the last learns it when the new token is in use
				return failing(401)
			}
			return ok(`{"name":"` + string(connector) + `"}`)
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				// POST too: what is refused with 401 has not been done.
				wanted := dtapi.Connector{Type: dtapi.TypePubSub}
				if _, err := c.CreateConnector(t.Context(), project, wanted); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if tokens, requests := len(w.fetched()), len(w.seen()); tokens != 2 || requests != 20 {
			t.Errorf("%d requests for tokens and %d to the API, want 2 and 20", tokens, requests)
		}
		for _, call := range calls {
			if call.Path == "/oauth2/token" {
				continue
			}
			if want := map[int]int{401: 1, 200: 2}[call.Status]; call.Attempt != want {
				t.Errorf("status %d at attempt %d", call.Status, call.Attempt)
			}
		}
	})
}

// A token that is refused although it is new is not fetched for ever.
func TestTokenIsAlwaysRefused(t *testing.T) {
	w := &world{api: func(int, handled) (*http.Response, error) { return failing(401) }}
	c := w.client(t, withToken)
	_, err := c.ConnectorMetrics(t.Context(), connector)
	if !errors.Is(err, dtapi.ErrUnauthenticated) || !strings.Contains(err.Error(), "check DT_SERVICE_ACCOUNT_KEY_ID") {
		t.Errorf("got %v", err)
	}
	if tokens, requests := len(w.fetched()), len(w.seen()); tokens != 2 || requests != 2 {
		t.Errorf("%d requests for tokens and %d to the API, want 2 and 2", tokens, requests)
	}
}

// The identity service may be in trouble for a while.
func TestTokenIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{identity: func(n int, _ handled) (*http.Response, error) {
			switch n {
			case 0:
				return failing(503)
			case 1:
				return nil, errors.New("connection reset")
			case 2:
				return failing(429, "Retry-After", "20")
			}
			return ok(tokenAnswer(n, 3600))
		}}
		start := time.Now()
		if _, err := w.client(t, withToken).ConnectorMetrics(t.Context(), connector); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 20*time.Second || took > 30*time.Second {
			t.Errorf("took %v", took)
		}
		// Each with an assertion of its own, made at that time.
		if tokens := w.fetched(); len(tokens) != 4 || tokens[0].Body == tokens[3].Body {
			t.Errorf("%d requests for tokens, want 4 different ones", len(tokens))
		}
	})
}

// What has been tried for tokens is not tried as often again for each call.
func TestTokenRetriesAreNotMultiplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{identity: func(int, handled) (*http.Response, error) { return failing(503) }}
		_, err := w.client(t, withToken, func(c *dtapi.Config) { c.Attempts = 3 }).ConnectorMetrics(t.Context(), connector)
		if !errors.Is(err, dtapi.ErrUnavailable) || len(w.fetched()) != 3 {
			t.Errorf("%d requests for tokens, want 3; %v", len(w.fetched()), err)
		}
	})
}

func TestTokenAnswers(t *testing.T) {
	for answer, accepted := range map[string]bool{
		`{"access_token":"x","token_type":"bearer","expires_in":3600}`:   true,
		`{"access_token":"x","expires_in":"60"}`:                         true,
		`{"accessToken":"x","tokenType":"Bearer","expiresIn":3600}`:      true,
		`{"access_token":"x","token_type":"Bearer"}`:                     true,
		`{"access_token":"x","expires_in":9e18}`:                         false,
		`{"access_token":"x","expires_in":9223372036854775807}`:          true,
		`{"access_token":"x","token_type":"mac","expires_in":3600}`:      false,
		`{"access_token":"","token_type":"Bearer","expires_in":3600}`:    false,
		`{"access_token":"a\nb","token_type":"Bearer","expires_in":1}`:   false,
		`{"access_token":"a b","token_type":"Bearer","expires_in":3600}`: false,
		`{"access_token":"x","token_type":"Bearer","expires_in":0}`:      false,
		`{"access_token":"x","token_type":"Bearer","expires_in":-1}`:     false,
		`{"access_token":5}`: false,
		`{}`:                 false, `[]`: false, ``: false, `{"access_token":"x"} more`: false,
		`{"access_token":"` + strings.Repeat("x", 70<<10) + `"}`: false,
	} {
		w := &world{identity: always(answer)}
		_, err := w.client(t, withToken).ConnectorMetrics(t.Context(), connector)
		if shown := answer[:min(len(answer), 60)]; accepted && err != nil {
			t.Errorf("%s: %v", shown, err)
		} else if !accepted && (!errors.Is(err, dtapi.ErrMalformed) || !strings.Contains(err.Error(), "DT_TOKEN_URL")) {
			t.Errorf("%s: %v, want ErrMalformed", shown, err)
		}
		if n := len(w.fetched()); n != 1 {
			t.Errorf("%s: %d requests", answer[:min(len(answer), 60)], n)
		}
	}
}

// Tokens of a short life are renewed early too, as far as that goes.
func TestShortTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		w.identity = func(n int, _ handled) (*http.Response, error) { return ok(tokenAnswer(n, 40)) }
		c := w.client(t, withToken)
		for range 100 { // 100 s
			if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		if n := len(w.fetched()); n != 3 {
			t.Errorf("%d requests for tokens, want 3: each is renewed after 36 s", n)
		}
	})
}
