package dtapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// The request for a token is the recorded one byte for byte, 5 seconds after the
// vector's clock: the vector has no back-dating, the client has 5 s of it.
func TestAssertionIsTheRecordedOne(t *testing.T) {
	var want struct {
		KeyID       string `json:"key_id"`
		Email       string `json:"email"`
		Secret      string `json:"secret"`
		Clock       int64  `json:"clock"`
		Method      string `json:"request_method"`
		URL         string `json:"request_url"`
		ContentType string `json:"request_content_type"`
		Body        string `json:"request_body"`
	}
	if err := json.Unmarshal(vectors(t, "rest_api.json")["oauth2"], &want); err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(want.Secret, " ") // a remark follows
	w := &world{}
	c := w.client(t, func(c *dtapi.Config) {
		c.TokenURL = ""
		c.Credentials = dtapi.Credentials{KeyID: want.KeyID, Email: want.Email, Secret: secret.New(key)}
		c.Now = func() time.Time { return time.Unix(want.Clock, 999_999_999).Add(5 * time.Second) }
	})
	if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
		t.Fatal(err)
	}
	got := w.fetched()
	if len(got) != 1 {
		t.Fatalf("%d requests for a token, want 1", len(got))
	}
	r := got[0]
	if r.Method != want.Method || r.URL != want.URL || r.Body != want.Body || r.Header.Get("Content-Type") != want.ContentType {
		t.Errorf("sent %s %s as %s\n%s\nwant %s %s as %s\n%s", r.Method, r.URL, r.Header.Get("Content-Type"), r.Body, want.Method, want.URL, want.ContentType, want.Body)
	}
	if _, has := r.Header["Authorization"]; has {
		t.Error("the request for a token has a header Authorization")
	}
	if header := w.seen()[0].Header.Get("Authorization"); header != "Bearer access-token-a" {
		t.Errorf("sent %q to the API", header)
	}
}

func TestBasicAuth(t *testing.T) {
	var want struct{ Header string }
	if err := json.Unmarshal(vectors(t, "rest_api.json")["basic_auth"], &want); err != nil {
		t.Fatal(err)
	}
	w := &world{}
	if _, err := w.client(t).ConnectorMetrics(t.Context(), connector); err != nil {
		t.Fatal(err)
	}
	if got := "Authorization: " + w.seen()[0].Header.Get("Authorization"); got != want.Header {
		t.Errorf("sent %s, want %s", got, want.Header)
	}
	if n := len(w.fetched()); n != 0 {
		t.Errorf("%d requests for a token, want none", n)
	}
	w.answer(func(int, handled) (*http.Response, error) { return failing(401) })
	_, err := w.client(t).ConnectorMetrics(t.Context(), connector)
	if !errors.Is(err, dtapi.ErrUnauthenticated) || !strings.Contains(err.Error(), "Basic auth is used, which must be enabled") {
		t.Errorf("refused: %v", err)
	}
	if n := len(w.seen()); n != 2 {
		t.Errorf("%d requests, want 2: there is no other credential to try", n)
	}
}

// All who need a token at the same time share one fetch.
func TestTokenIsFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Second}
		c := w.client(t, withToken)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.fetched()); n != 1 {
			t.Errorf("%d requests for a token, want 1", n)
		}
	})
}

// The caller who began a fetch may give up: the others get the token all the same.
func TestTokenSurvivesACaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 10 * time.Second}
		c := w.client(t, withToken)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := c.ConnectorMetrics(ctx, connector); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first: %v", err)
		}
		if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
			t.Errorf("the second: %v", err)
		}
		if n := len(w.fetched()); n != 1 {
			t.Errorf("%d requests for a token, want 1", n)
		}
	})
}

// A token is renewed before it ends, and nobody waits for that.
func TestTokenIsRenewedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		c := w.client(t, withToken)
		use := func(want string) {
			t.Helper()
			start := time.Now()
			if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
				t.Fatal(err)
			}
			seen := w.seen()
			if got := seen[len(seen)-1].Header.Get("Authorization"); got != "Bearer "+want {
				t.Errorf("used %s, want %s", got, want)
			}
			if took := time.Since(start); took != 0 {
				t.Errorf("waited %v", took)
			}
			synctest.Wait()
		}
		use("access-token-a")
		pass(54 * time.Minute)
		use("access-token-a")
		if n := len(w.fetched()); n != 1 {
			t.Fatalf("%d requests for a token after 54 minutes, want 1", n)
		}
		pass(time.Minute)
		use("access-token-a") // this begins the renewal
		use("access-token-b")
		if n := len(w.fetched()); n != 2 {
			t.Errorf("%d requests for a token after 55 minutes, want 2", n)
		}
	})
}

// pass lets time pass in a bubble.
func pass(d time.Duration) { <-time.After(d) }

// While a token cannot be renewed the old one is used to its end, and tried anew at
// most every 10 seconds.
func TestTokenRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		w := &world{}
		w.identity = func(n int, _ handled) (*http.Response, error) {
			if n > 0 && down {
				return failing(400)
			}
			return ok(tokenAnswer(n, 3600))
		}
		c := w.client(t, withToken)
		use := func() error {
			_, err := c.ConnectorMetrics(t.Context(), connector)
			synctest.Wait()
			return err
		}
		if err := use(); err != nil {
			t.Fatal(err)
		}
		pass(56 * time.Minute)
		for range 5 {
			for range 10 {
				if err := use(); err != nil {
					t.Fatal(err)
				}
			}
			pass(10 * time.Second)
		}
		if n := len(w.fetched()); n != 6 {
			t.Errorf("%d requests for a token, want 1 and 5 for the renewal", n)
		}
		pass(3 * time.Minute)
		if err := use(); !errors.Is(err, dtapi.ErrUnauthenticated) {
			t.Errorf("without a token: %v", err)
		}
		down = false
		if err := use(); err != nil {
			t.Errorf("back again: %v", err)
		}
	})
}

// A wrong key is said once, clearly, and not tried again.
func TestWrongKey(t *testing.T) {
	for name, body := range map[string]string{
		"DT":       `{"error":"invalid assertion ` + keySecret + `","code":400}`,
		"RFC 6749": `{"error":"invalid_grant","error_description":"invalid assertion ` + keySecret + `"}`,
		"no JSON":  `<html>invalid assertion ` + keySecret,
	} {
		for _, status := range []int{400, 401, 403} {
			w := &world{identity: func(int, handled) (*http.Response, error) { return respond(status, nil, body) }}
			_, err := w.client(t, withToken).ConnectorMetrics(t.Context(), connector)
			if !errors.Is(err, dtapi.ErrUnauthenticated) || errors.Is(err, dtapi.ErrInvalid) || errors.Is(err, dtapi.ErrForbidden) {
				t.Errorf("%s, %d: %v", name, status, err)
			}
			for _, want := range []string{"POST /oauth2/token", fmt.Sprint(status), "invalid assertion", "DT_SERVICE_ACCOUNT_SECRET", "clock"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s, %d: %v does not say %q", name, status, err, want)
				}
			}
			secrettest.CheckHidden(t, name, err.Error(), keySecret)
			if tokens, requests := len(w.fetched()), len(w.seen()); tokens != 1 || requests != 0 {
				t.Errorf("%s, %d: %d requests for tokens and %d to the API, want 1 and 0", name, status, tokens, requests)
			}
		}
	}
}
