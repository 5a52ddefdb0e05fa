package dtcloud_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// An api is a cloud with its REST API and a service account that uses Basic auth.
type api struct {
	*dtcloud.Cloud
	server  *httptest.Server
	project string // its name
	account dtcloud.ServiceAccount
}

func newAPI(t *testing.T, change func(*dtcloud.Config)) *api {
	t.Helper()
	config := dtcloud.Config{
		Clock: dtcloud.NewVirtualClock(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)), Seed: 1,
		APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)},
	}
	if change != nil {
		change(&config)
	}
	cloud, err := dtcloud.New(config)
	if err != nil {
		t.Fatal(err)
	}
	a := &api{Cloud: cloud}
	if a.project, err = cloud.AddProject(dtcloud.ProjectSpec{ID: "p1", DisplayName: "First"}); err != nil {
		t.Fatal(err)
	}
	a.account = a.addAccount(t, dtcloud.RoleDeveloper, true)
	a.server = httptest.NewServer(cloud.Handler())
	t.Cleanup(a.server.Close)
	return a
}

func (a *api) addAccount(t *testing.T, role string, basic bool) dtcloud.ServiceAccount {
	t.Helper()
	spec := dtcloud.ServiceAccountSpec{BasicAuth: basic}
	if role != "" {
		spec.Roles = map[string]string{a.project: role}
	}
	account, err := a.AddServiceAccount(spec)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// An apiAnswer is what the API has answered.
type apiAnswer struct {
	status int
	header http.Header
	body   string
}

// call makes a request as the account does.
func (a *api) call(t *testing.T, method, path, body string) apiAnswer {
	t.Helper()
	return a.callAs(t, a.account, method, path, body)
}

func (a *api) callAs(t *testing.T, account dtcloud.ServiceAccount, method, path, body string) apiAnswer {
	t.Helper()
	return a.callBelow(t, dtcloud.APIPath, account, method, path, body)
}

func (a *api) callBelow(t *testing.T, prefix string, account dtcloud.ServiceAccount, method, path, body string) apiAnswer {
	t.Helper()
	r, err := http.NewRequest(method, a.server.URL+prefix+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(account.KeyID, account.Secret.Reveal())
	return send(t, r)
}

func send(t *testing.T, r *http.Request) apiAnswer {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apiAnswer{response.StatusCode, response.Header, strings.TrimSpace(string(answer))}
}

// must returns the answer's body in v, or fails.
func (r apiAnswer) must(t *testing.T, v any) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
}

// pass lets simulated time pass.
func pass(t *testing.T, c *dtcloud.Cloud, d time.Duration) {
	t.Helper()
	waiter := c.Clock().NewWaiter()
	defer waiter.Stop()
	ran := make(chan error, 1)
	ctx, stop := contextWithStop(t)
	go func() { ran <- c.Run(ctx) }()
	if err := waiter.Wait(t.Context(), c.Clock().Now().Add(d)); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
}

func TestAPIErrors(t *testing.T) {
	a := newAPI(t, nil)
	if _, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "real"}); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/projects/nowhere", "", 404},
		{"GET", "/projects/p1/dataconnectors/nobody", "", 404},
		{"GET", "/projects/p1/dataconnectors/nobody:metrics", "", 404},
		{"GET", "/projects/p1/dataconnectors/nobody:dance", "", 404},
		{"POST", "/projects/p1/dataconnectors/nobody:sync", "", 404},
		{"PATCH", "/projects/p1/dataconnectors/nobody", "{}", 404},
		{"DELETE", "/projects/p1/dataconnectors/nobody", "", 404},
		{"GET", "/projects/p1/devices/nobody", "", 404},
		{"GET", "/projects/-/devices/nobody", "", 404},
		{"GET", "/projects/-/devices", "", 400},
		{"GET", "/nothing", "", 404},
		{"PUT", "/projects/p1", "", 501},
		{"PATCH", "/projects/p1/devices", "", 501},
		{"POST", "/projects/p1/devices/real", "", 501},
		{"GET", "/projects/p1/devices/real:dance", "", 404},
		{"DELETE", "/projects/p1/devices/real:dance", "", 404},
		{"GET", "/projects/p1/devices/real:dance/events", "", 404},
		{"GET", "/projects/p1/devices:stream", "", 404},
		{"GET", "/projects/p1/devices/real/labels/nothing", "", 404},
		{"PATCH", "/projects/p1/devices/real/labels/nothing", `{"value":"x"}`, 404},
		{"DELETE", "/projects/p1/devices/real/labels/nothing", "", 404},
		{"POST", "/projects/p1/devices/real/labels", `{"value":"x"}`, 400},
		{"POST", "/projects/p1/devices/real/labels", `{`, 400},
		{"PUT", "/projects/p1/devices/real", `{"labels":{}}`, 400},
		{"POST", "/projects/p1/dataconnectors", "{", 400},
		{"POST", "/projects/p1/dataconnectors", "{}", 400},
		{"POST", "/projects/p1/dataconnectors", `{"type":"PIGEON"}`, 400},
		{"POST", "/projects/p1/dataconnectors", `{"type":"HTTP_PUSH"}`, 400},
		{"POST", "/projects/p1/dataconnectors", `{"type":"HTTP_PUSH","httpConfig":{"url":"http://example.com/"}}`, 400},
		{"POST", "/projects/p1/dataconnectors", `{"type":"AWS_SQS"}`, 400},
		{"POST", "/projects/p1/devices", `{"type":"toaster"}`, 400},
		{"POST", "/projects/p1/devices/real:publish", `{"touch":{}}`, 400},
		{"DELETE", "/projects/p1/devices/real", "", 400},
		{"GET", "/projects/p1/devices?page_size=x", "", 400},
		{"GET", "/projects/p1/devices?page_token=!", "", 400},
		{"GET", "/projects/p1/devices?page_token=YWJj", "", 400},
		{"GET", "/projects/p1/devices/real/events?start_time=yesterday", "", 400},
		{"GET", "/projects/p1/devices/real/events?page_token=YWJj", "", 400},
		{"GET", "/projects/p1/devices/real/events?start_time=2026-11-02T00:00:00Z&end_time=2026-11-01T00:00:00Z", "", 400},
		{"POST", "/projects/p1/devices:batchUpdate", strings.Repeat("x", 2<<20), 400},
	} {
		got := a.call(t, test.method, test.path, test.body)
		var e struct {
			Error, Help string
			Code        int
		}
		if err := json.Unmarshal([]byte(got.body), &e); err != nil {
			t.Errorf("%s %s: %s", test.method, test.path, got.body)
		}
		if got.status != test.want || e.Code != test.want || e.Error == "" || e.Help != fmt.Sprintf("https://docs.d21s.com/error/#%d", test.want) {
			t.Errorf("%s %s: %d %s, want %d", test.method, test.path, got.status, got.body, test.want)
		}
		id := got.header.Get("X-Request-Id")
		if id == "" || ids[id] {
			t.Errorf("%s %s: request id %q, which is none or not new", test.method, test.path, id)
		}
		ids[id] = true
	}
}

// Requests beyond the limit are refused until time has passed.
func TestAPILimit(t *testing.T) {
	a := newAPI(t, func(c *dtcloud.Config) { c.APILimit = dtcloud.APILimit{} })
	count := func() (ok int, refused apiAnswer) {
		for range 40 {
			if r := a.call(t, "GET", "/projects/p1", ""); r.status == http.StatusOK {
				ok++
			} else {
				refused = r
			}
		}
		return ok, refused
	}
	ok, refused := count()
	if ok != 25 || refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") != "1" {
		t.Errorf("%d of 40 at once, then %d, Retry-After %q", ok, refused.status, refused.header.Get("Retry-After"))
	}
	pass(t, a.Cloud, 2*time.Second)
	if ok, _ := count(); ok != 10 {
		t.Errorf("%d after 2 s, want 10", ok)
	}
}
