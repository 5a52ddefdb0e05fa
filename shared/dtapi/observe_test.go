package dtapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// One call a request is observed, with why it was late.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: 100 * time.Millisecond, api: func(n int, _ handled) (*http.Response, error) {
			switch n {
			case 0:
				return failing(429, "Retry-After", "3", "X-Request-Id", "r-1")
			case 1:
				return nil, errReset
			}
			return ok(`{"dataConnectors":[]}`)
		}}
		var calls []dtapi.Call
		c := w.client(t, withToken, func(c *dtapi.Config) { c.Observe = func(call dtapi.Call) { calls = append(calls, call) } })
		for _, err := range c.Connectors(t.Context(), project) {
			t.Errorf("got %v", err)
		}
		path := "/projects/" + project + "/dataconnectors"
		var got []string
		for _, call := range calls {
			got = append(got, fmt.Sprintf("%s %s %d #%d after %v in %v %s %v", call.Method, call.Path, call.Status, call.Attempt, call.Wait, call.Took, call.RequestID, call.Err != nil))
		}
		want := []string{
			"POST /oauth2/token 200 #1 after 0s in 100ms  false",
			"GET " + path + " 429 #1 after 100ms in 100ms r-1 true",
			"GET " + path + " 0 #2 after 3.15s in 100ms  true", // 3 s, spread by up to a tenth
			"GET " + path + " 200 #3 after 2s in 100ms  false",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// The credentials go to one place: no redirect is followed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		w := &world{}
		move := func(int, handled) (*http.Response, error) {
			return failing(status, "Location", "https://elsewhere.example/v2/x")
		}
		w.api = move
		_, err := w.client(t, func(c *dtapi.Config) {
			c.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
		}).Connector(t.Context(), connector)
		if err == nil || !strings.Contains(err.Error(), "DT_API_URL") || len(w.seen()) != 1 {
			t.Errorf("%d: %v after %d requests", status, err, len(w.seen()))
		}
		w.identity = move
		_, err = w.client(t, withToken, func(c *dtapi.Config) { c.Credentials.Secret = secret.New(keySecret) }).Connector(t.Context(), connector)
		if err == nil || !strings.Contains(err.Error(), "DT_TOKEN_URL") || len(w.fetched()) != 1 {
			t.Errorf("%d, token: %v after %d requests", status, err, len(w.fetched()))
		}
	}
}
