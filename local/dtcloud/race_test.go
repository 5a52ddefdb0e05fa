package dtcloud_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Everything at once, over real connections, on a running clock: nothing is lost,
// and the race detector has something to look at.
func TestEverythingAtOnce(t *testing.T) {
	clock, err := dtcloud.NewClock(start, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen := make(map[string]bool)
	w, server := newServedWorld(t, func(c *dtcloud.Config) {
		c.Clock, c.Transport = clock, nil
		c.Faults = dtcloud.Faults{DropAnswer: 0.1, Duplicate: 0.1, Reorder: 0.1, CorruptBody: 0.05, CorruptSignature: 0.05, Delay: time.Second}
	})
	oidc := server.Client()
	receiver := newServer(t, func(body []byte, request *http.Request) int {
		id := eventID(body)
		mu.Lock()
		defer mu.Unlock()
		if len(seen)%5 == 0 && !seen[id] {
			seen[id] = true
			return http.StatusServiceUnavailable
		}
		seen[id] = true
		return http.StatusOK
	})
	connectors := make([]string, 3)
	for i := range connectors {
		connectors[i] = w.addConnector(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: receiver, SignatureSecret: "s"}})
	}
	if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	for _, deviceType := range event.DeviceTypes() {
		w.addDevice(t, dtcloud.DeviceSpec{Type: deviceType})
	}
	defer w.begin(t)()

	var users sync.WaitGroup
	for i := range 4 {
		users.Go(func() {
			for n := range 100 {
				if _, err := w.Publish(w.device, event.TypeTouch, []byte("{}")); err != nil {
					t.Error(err)
				}
				if err := w.SetLabels(w.device, map[string]string{"n": fmt.Sprint(i, n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	users.Go(func() {
		for n := range 20 {
			if _, err := w.RotateKey(); err != nil {
				t.Error(err)
			}
			get(t, oidc, server.URL+"/data-connector/.well-known/jwks.json")
			if _, err := w.UpdateConnector(connectors[0], func(c *dtcloud.Connector) { c.HTTPConfig.SignatureSecret = fmt.Sprint("s", n) }); err != nil {
				t.Error(err)
			}
			if err := w.SetFaults(w.Faults()); err != nil {
				t.Error(err)
			}
			w.addDevice(t, dtcloud.DeviceSpec{Type: event.DeviceMotion})
		}
	})
	users.Go(func() {
		for range 50 {
			w.Stats()
			if _, err := w.Metrics(connectors[1]); err != nil {
				t.Error(err)
			}
			if _, err := w.History(w.device); err != nil {
				t.Error(err)
			}
			if _, err := w.Devices(w.project); err != nil {
				t.Error(err)
			}
		}
	})
	users.Wait()
	w.StopSensors()
	if err := w.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := w.Stats()
	if s.Sent < 3*800 || s.Sent != s.Delivered || s.Pending != 0 {
		t.Errorf("%v", s)
	}
}
