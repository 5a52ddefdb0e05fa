package dtcloud_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

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
	r, err := http.NewRequest(method, a.server.URL+dtcloud.APIPath+path, strings.NewReader(body))
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

// token asks for an access token.
func (a *api) token(t *testing.T, form url.Values) apiAnswer {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, a.server.URL+dtcloud.TokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, r)
}

func (a *api) assertion(t *testing.T, change func(*jwt.Token, jwt.MapClaims), key string) url.Values {
	t.Helper()
	now := a.Clock().Now().Unix()
	claims := jwt.MapClaims{"iat": now, "exp": now + 3600, "aud": a.server.URL + dtcloud.TokenPath, "iss": a.account.Email}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = a.account.KeyID
	if change != nil {
		change(token, claims)
	}
	signed, err := token.SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}
}

func TestAPIToken(t *testing.T) {
	a := newAPI(t, nil)
	good := a.account.Secret.Reveal()
	var answer struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
	}
	a.token(t, a.assertion(t, nil, good)).must(t, &answer)
	if answer.Token == "" || answer.Type != "Bearer" || answer.Expires != 3600 {
		t.Errorf("%+v", answer)
	}
	// The Terraform provider's audience is a list, and its header has no typ.
	a.token(t, a.assertion(t, func(token *jwt.Token, c jwt.MapClaims) {
		c["aud"] = []string{c["aud"].(string)}
		delete(token.Header, "typ")
	}, good)).must(t, &answer)

	use := func() int {
		r, err := http.NewRequest(http.MethodGet, a.server.URL+"/v2/projects", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+answer.Token)
		return send(t, r).status
	}
	if got := use(); got != http.StatusOK {
		t.Errorf("with a token: %d", got)
	}
	pass(t, a.Cloud, 61*time.Minute)
	if got := use(); got != http.StatusUnauthorized {
		t.Errorf("with a token of an hour ago: %d", got)
	}

	for name, form := range map[string]url.Values{
		"wrong secret":     a.assertion(t, nil, "wrong"),
		"unknown key":      a.assertion(t, func(token *jwt.Token, _ jwt.MapClaims) { token.Header["kid"] = "x" }, good),
		"no key":           a.assertion(t, func(token *jwt.Token, _ jwt.MapClaims) { delete(token.Header, "kid") }, good),
		"other audience":   a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = "https://example.com/" }, good),
		"other issuer":     a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["iss"] = "somebody" }, good),
		"over":             a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = c["iat"].(int64) - 61 }, good),
		"from the future":  a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["iat"] = c["iat"].(int64) + 61 }, good),
		"valid for long":   a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = c["iat"].(int64) + 7200 }, good),
		"no expiry":        a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "exp") }, good),
		"no time of issue": a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "iat") }, good),
		"no assertion":     {"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}},
		"no grant type":    {"assertion": a.assertion(t, nil, good)["assertion"]},
	} {
		if got := a.token(t, form); got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":400`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	// Parameters in the query are not taken.
	r, err := http.NewRequest(http.MethodPost, a.server.URL+dtcloud.TokenPath+"?"+a.assertion(t, nil, good).Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := send(t, r); got.status != http.StatusBadRequest {
		t.Errorf("parameters in the query: %d %s", got.status, got.body)
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

func TestAPIRoles(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.AddConnector(a.project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[string]dtcloud.ServiceAccount{
		"":                    a.addAccount(t, "", true),
		dtcloud.RoleUser:      a.addAccount(t, dtcloud.RoleUser, true),
		dtcloud.RoleDeveloper: a.account,
		dtcloud.RoleAdmin:     a.addAccount(t, dtcloud.RoleAdmin, true),
	}
	for _, test := range []struct{ method, path, body, least string }{
		{"GET", "/projects/p1", "", dtcloud.RoleUser},
		{"GET", "/projects/p1/dataconnectors", "", dtcloud.RoleUser},
		{"GET", "/" + c.Name, "", dtcloud.RoleUser},
		{"GET", "/" + c.Name + ":metrics", "", dtcloud.RoleUser},
		{"POST", "/" + c.Name + ":sync", "", dtcloud.RoleDeveloper},
		{"PATCH", "/" + c.Name, `{"displayName":"x"}`, dtcloud.RoleDeveloper},
		{"GET", "/projects/p1/devices", "", dtcloud.RoleUser},
		{"GET", "/" + device, "", dtcloud.RoleUser},
		{"GET", "/" + device + "/events", "", dtcloud.RoleUser},
		{"GET", "/" + device + "/labels", "", dtcloud.RoleUser},
		{"PATCH", "/" + device + "/labels/floor", `{"value":"1"}`, dtcloud.RoleDeveloper},
		{"POST", "/projects/p1/devices:batchUpdate", `{"devices":[]}`, dtcloud.RoleDeveloper},
		{"POST", "/" + device + ":publish", `{"touch":{}}`, dtcloud.RoleDeveloper},
		{"POST", "/projects/p1/devices", `{"type":"touch"}`, dtcloud.RoleDeveloper},
	} {
		for role, account := range accounts {
			want := http.StatusOK
			if role == "" || role == dtcloud.RoleUser && test.least == dtcloud.RoleDeveloper {
				want = http.StatusForbidden
			}
			if got := a.callAs(t, account, test.method, test.path, test.body); got.status != want {
				t.Errorf("%s %s as %q: %d %s, want %d", test.method, test.path, role, got.status, got.body, want)
			}
		}
	}
	noBasic := a.addAccount(t, dtcloud.RoleAdmin, false)
	wrong := a.account
	wrong.KeyID = "nobody"
	for name, account := range map[string]dtcloud.ServiceAccount{"without Basic auth": noBasic, "unknown": wrong} {
		if got := a.callAs(t, account, "GET", "/projects/p1", ""); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

func TestAPIErrors(t *testing.T) {
	a := newAPI(t, nil)
	if _, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "real"}); err != nil {
		t.Fatal(err)
	}
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
		{"PUT", "/projects/p1", "", 404},
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

func TestAPIFaults(t *testing.T) {
	a := newAPI(t, nil)
	get := func() (int, http.Header, error) {
		r, err := http.NewRequest(http.MethodGet, a.server.URL+"/v2/projects", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(a.account.KeyID, a.account.Secret.Reveal())
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, nil, err
		}
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
		return response.StatusCode, response.Header, err
	}
	set := func(f dtcloud.APIFaults) {
		if err := a.SetAPIFaults(f); err != nil {
			t.Fatal(err)
		}
	}
	set(dtcloud.APIFaults{Error: 1})
	seen := make(map[int]bool)
	for range 100 {
		status, _, err := get()
		if err != nil {
			t.Fatal(err)
		}
		seen[status] = true
	}
	if len(seen) != 3 || !seen[500] || !seen[503] || !seen[504] {
		t.Errorf("errors %v", seen)
	}
	set(dtcloud.APIFaults{TooMany: 1})
	if status, header, err := get(); status != 429 || header.Get("Retry-After") == "" || err != nil {
		t.Errorf("too many: %d %v %v", status, header, err)
	}
	set(dtcloud.APIFaults{Torn: 1})
	midway, before := 0, 0
	for range 50 {
		switch status, _, err := get(); {
		case err == nil:
			t.Errorf("torn: %d", status)
		case status == 0:
			before++
		default:
			midway++
		}
	}
	if midway == 0 || before == 0 {
		t.Errorf("torn: %d midway, %d before the answer", midway, before)
	}
	set(dtcloud.APIFaults{})
	if status, _, err := get(); status != 200 || err != nil {
		t.Errorf("without faults: %d %v", status, err)
	}
	for _, f := range []dtcloud.APIFaults{{Error: 1.1}, {TooMany: -1}, {Torn: math.NaN()}, {Latency: -1}} {
		if err := a.SetAPIFaults(f); !errors.Is(err, dtcloud.ErrInvalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
