package dtcloud_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *dtcloud.Config) { c.Concurrency = 1 })
		n := 0
		w.receiver.answer = func(*http.Request, []byte) int {
			n++
			latency := 20 * time.Millisecond
			if n%50 == 0 { // 2 of 100
				latency = 400 * time.Millisecond
			}
			<-time.After(latency)
			if n%10 == 0 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}
		w.touch(t, 900)
		w.deliverAll(t)
		m, err := w.Metrics(w.connector)
		if err != nil {
			t.Fatal(err)
		}
		if m.SuccessCount != 900 || m.ErrorCount != int64(n-900) || m.ErrorCount == 0 {
			t.Errorf("%d requests: %+v", n, m)
		}
		if m.Latency99p < 400*time.Millisecond || m.Latency99p > 440*time.Millisecond {
			t.Errorf("99 %% took up to %v", m.Latency99p)
		}
		// They are of the last 3 hours.
		w.pass(t, 2*time.Hour+50*time.Minute)
		if m, err := w.Metrics(w.connector); err != nil || m.SuccessCount != 900 {
			t.Errorf("before 3 hours: %+v, %v", m, err)
		}
		w.pass(t, 15*time.Minute)
		if m, err := w.Metrics(w.connector); err != nil || m != (dtcloud.Metrics{}) {
			t.Errorf("after 3 hours: %+v, %v", m, err)
		}
		// And slots are used again.
		w.touch(t, 1)
		w.deliverAll(t)
		if m, err := w.Metrics(w.connector); err != nil || m.SuccessCount != 1 {
			t.Errorf("later: %+v, %v", m, err)
		}
	})
}
