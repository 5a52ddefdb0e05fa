package dtcloud_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

// try makes a request that may fail: then the status is 0, or that of an answer
// which broke off.
func (a *api) try(t *testing.T, method, path, body string) (int, http.Header, error) {
	t.Helper()
	r, err := http.NewRequest(method, a.server.URL+dtcloud.APIPath+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.GetBody = nil // so that the client does not try again of its own accord
	r.SetBasicAuth(a.account.KeyID, a.account.Secret.Reveal())
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	return response.StatusCode, response.Header, err
}

func (a *api) setFaults(t *testing.T, f dtcloud.APIFaults) {
	t.Helper()
	if err := a.SetAPIFaults(f); err != nil {
		t.Fatal(err)
	}
}

func TestAPIFaults(t *testing.T) {
	a := newAPI(t, nil)
	get := func() (int, http.Header, error) { return a.try(t, http.MethodGet, "/projects", "") }
	a.setFaults(t, dtcloud.APIFaults{Error: 1})
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
	a.setFaults(t, dtcloud.APIFaults{TooMany: 1})
	if status, header, err := get(); status != 429 || header.Get("Retry-After") == "" || err != nil {
		t.Errorf("too many: %d %v %v", status, header, err)
	}
	a.setFaults(t, dtcloud.APIFaults{Torn: 1})
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
	a.setFaults(t, dtcloud.APIFaults{})
	if status, _, err := get(); status != 200 || err != nil {
		t.Errorf("without faults: %d %v", status, err)
	}
	for _, f := range []dtcloud.APIFaults{{Error: 1.1}, {TooMany: -1}, {Torn: math.NaN()}, {Latency: -1}} {
		if err := a.SetAPIFaults(f); !errors.Is(err, dtcloud.ErrInvalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// Where a connection is torn before the answer, nothing was done; in its midst, all
// was.
func TestAPITornRequests(t *testing.T) {
	a := newAPI(t, nil)
	a.setFaults(t, dtcloud.APIFaults{Torn: 1})
	midway := 0
	for range 30 {
		switch status, _, err := a.try(t, http.MethodPost, "/projects/p1/devices", `{"type":"touch"}`); {
		case err == nil:
			t.Errorf("%d", status)
		case status == http.StatusOK:
			midway++
		case status != 0:
			t.Errorf("%d %v", status, err)
		}
	}
	devices, err := a.Devices(a.project)
	if err != nil {
		t.Fatal(err)
	}
	if len(devices) != midway || midway == 0 || midway == 30 {
		t.Errorf("%d devices, %d of 30 answers broke off", len(devices), midway)
	}
}

// A token that ends before its time is refused from then on; a new one is not.
func TestAPIExpiredTokens(t *testing.T) {
	a := newAPI(t, nil)
	token := func() string {
		var answer struct {
			Token string `json:"access_token"`
		}
		a.token(t, a.assertion(t, nil, a.account.Secret.Reveal())).must(t, &answer)
		return answer.Token
	}
	use := func(token string) int {
		r, err := http.NewRequest(http.MethodGet, a.server.URL+"/v2/projects", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		return send(t, r).status
	}
	first := token()
	if got := use(first); got != http.StatusOK {
		t.Errorf("without a fault: %d", got)
	}
	a.setFaults(t, dtcloud.APIFaults{ExpireTokens: 1})
	if got := use(first); got != http.StatusUnauthorized {
		t.Errorf("with the fault: %d", got)
	}
	a.setFaults(t, dtcloud.APIFaults{})
	if got := use(first); got != http.StatusUnauthorized {
		t.Errorf("the same token later: %d", got)
	}
	if got := use(token()); got != http.StatusOK {
		t.Errorf("a new token: %d", got)
	}
}

// Latency holds the answer back, for as long as the client waits.
func TestAPILatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, err := dtcloud.New(dtcloud.Config{
			Clock: dtcloud.NewVirtualClock(time.Now()), APIFaults: dtcloud.APIFaults{Latency: 5 * time.Second},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct{ patience, want time.Duration }{
			{patience: time.Minute, want: 5 * time.Second}, {patience: time.Second, want: time.Second},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), test.patience)
			begin := time.Now()
			cloud.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, dtcloud.APIPath+"/projects", nil))
			if took := time.Since(begin); took != test.want {
				t.Errorf("%v, want %v", took, test.want)
			}
			cancel()
		}
	})
}
