package dtcloud_test

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Many clients at once, while the cloud runs and its faults change: each sees its own
// changes, and the race detector has something to look at.
func TestAPIEverythingAtOnce(t *testing.T) {
	clock, err := dtcloud.NewClock(start, 1000)
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, func(c *dtcloud.Config) {
		c.Clock, c.Transport, c.APILimit.PerSecond = clock, &receiver{}, math.Inf(1)
	})
	if _, err := dtcloud.Demo(a.Cloud); err != nil {
		t.Fatal(err)
	}
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := contextWithStop(t)
	ran := make(chan error, 1)
	go func() { ran <- a.Run(ctx) }()

	const clients, rounds = 8, 20
	var users sync.WaitGroup
	for i := range clients {
		users.Go(func() {
			var c struct{ Name, DisplayName string }
			status := func(r apiAnswer) bool {
				if r.status != 200 {
					t.Errorf("%d %s", r.status, r.body)
				}
				return r.status == 200
			}
			made := a.call(t, "POST", "/projects/p1/dataconnectors", `{"type":"HTTP_PUSH","httpConfig":{"url":"https://r.example/"}}`)
			if !status(made) {
				return
			}
			if err := json.Unmarshal([]byte(made.body), &c); err != nil {
				t.Error(err)
				return
			}
			for n := range rounds {
				want := fmt.Sprint(i, "-", n)
				patched := a.call(t, "PATCH", "/"+c.Name+"?update_mask=displayName", fmt.Sprintf(`{"displayName":%q}`, want))
				if err := json.Unmarshal([]byte(patched.body), &c); err != nil || c.DisplayName != want {
					t.Errorf("%s %v, want %s", patched.body, err, want)
				}
				status(a.call(t, "POST", "/"+device+":publish", `{"touch":{}}`))
				status(a.call(t, "POST", "/projects/p1/devices:batchUpdate", fmt.Sprintf(`{"devices":[%q],"addLabels":{"n":%q}}`, device, want)))
				status(a.call(t, "GET", "/"+device+"/events?page_size=5", ""))
				status(a.call(t, "GET", "/projects/p1/devices", ""))
				status(a.call(t, "POST", "/"+c.Name+":sync", ""))
				status(a.call(t, "GET", "/"+c.Name+":metrics", ""))
				if err := a.SetAPIFaults(dtcloud.APIFaults{}); err != nil {
					t.Error(err)
				}
			}
			status(a.call(t, "DELETE", "/"+c.Name, ""))
		})
	}
	users.Wait()
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if ids, _ := a.history(t, device, "page_size=100", nil); len(ids) != clients*rounds {
		t.Errorf("%d events, want %d", len(ids), clients*rounds)
	}
}
