package dtcloud_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

func TestRetriesUntilSuccess(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = failing(5)
	ids := w.touch(t, 20)
	w.deliverAll(t)
	w.checkStats(t, dtcloud.Stats{Sent: 20, Delivered: 20, Attempts: 120, Retried: 100})
	bodies := make(map[string]map[string]bool)
	for _, body := range w.receiver.received() {
		id := eventID(body)
		if bodies[id] == nil {
			bodies[id] = make(map[string]bool)
		}
		bodies[id][string(body)] = true
	}
	for _, id := range ids {
		if len(bodies[id]) != 1 {
			t.Errorf("%s came with %d bodies", id, len(bodies[id]))
		}
	}
}

// An event's body stays what it was, whatever happens to labels meanwhile.
func TestRetriedBodyStaysTheSame(t *testing.T) {
	w := newWorld(t, nil)
	connector := w.addConnector(t, dtcloud.Connector{Events: []string{event.TypeTouch}, Labels: []string{"name", "virtual-sensor"}})
	if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	w.receiver.answer = failing(3)
	w.touch(t, 1)
	w.pass(t, 100*time.Millisecond)
	if err := w.SetLabels(w.device, map[string]string{"name": "Renamed"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UpdateConnector(connector, func(c *dtcloud.Connector) { c.Labels = nil }); err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	bodies := w.receiver.received()
	if len(bodies) != 4 {
		t.Fatalf("%d attempts", len(bodies))
	}
	for _, body := range bodies {
		if string(body) != string(bodies[0]) || !slices.Equal(decode(t, body).Labels, event.Labels{{Key: "virtual-sensor"}}) {
			t.Errorf("got %s", body)
		}
	}
}

// The pauses grow to the limit, are not all the same, and end after 12 hours.
func TestBackoffAndExpiry(t *testing.T) {
	var times []time.Time
	w := newWorld(t, func(c *dtcloud.Config) {
		c.Concurrency = 1
		c.Retry = dtcloud.Backoff{First: 10 * time.Second, Max: 20 * time.Minute}
		c.Observe = func(a dtcloud.Attempt) {
			times = append(times, a.Time)
			if a.Number != len(times) {
				t.Errorf("attempt %d has number %d", len(times), a.Number)
			}
		}
	})
	w.receiver.answer = status(http.StatusBadGateway)
	w.touch(t, 1)
	w.deliverAll(t)
	if passed := w.clock.Now().Sub(start); passed != 12*time.Hour {
		t.Errorf("given up after %v", passed)
	}
	w.checkStats(t, dtcloud.Stats{Sent: 1, Expired: 1, Attempts: int64(len(times)), Retried: int64(len(times) - 1)})
	pauses := make(map[time.Duration]bool)
	for i := range len(times) - 1 {
		pause := times[i+1].Sub(times[i])
		pauses[pause] = true
		full := min(10*time.Second<<min(i, 20), 20*time.Minute)
		if pause > full || pause < full/2 {
			t.Errorf("pause %d is %v, want up to %v", i, pause, full)
		}
	}
	if len(pauses) < 30 {
		t.Errorf("only %d different pauses", len(pauses))
	}
	if last := times[len(times)-1].Sub(start); last < 11*time.Hour || last >= 12*time.Hour {
		t.Errorf("the last attempt was after %v", last)
	}
}

// A receiver that comes back within 12 hours misses nothing.
func TestOutageOfElevenHours(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = func(*http.Request, []byte) int {
		if w.clock.Now().Sub(start) < 11*time.Hour {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	}
	w.touch(t, 50)
	w.deliverAll(t)
	if s := w.Stats(); s.Delivered != 50 || s.Expired != 0 {
		t.Errorf("%v", s)
	}
}

// keepTouching lets the device be touched every hour for d.
func (w *world) keepTouching(t *testing.T, d time.Duration) (ids []string) {
	for range int(d / time.Hour) {
		ids = append(ids, w.touch(t, 1)...)
		w.pass(t, time.Hour)
	}
	return ids
}

func (w *world) statusNow(t testing.TB) dtcloud.Status {
	t.Helper()
	c, err := w.Connector(w.connector)
	if err != nil {
		t.Fatal(err)
	}
	return c.Status
}

func TestSystemDisabledAfterFiveDays(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = status(http.StatusInternalServerError)
	w.keepTouching(t, 119*time.Hour)
	if got := w.statusNow(t); got != dtcloud.StatusActive {
		t.Fatalf("%s before 5 days were over", got)
	}
	w.keepTouching(t, 2*time.Hour)
	if got := w.statusNow(t); got != dtcloud.StatusSystemDisabled {
		t.Fatalf("%s after 5 days of failures", got)
	}
	s := w.Stats()
	if s.Pending != 0 || s.Lost == 0 || s.Expired == 0 || s.Delivered != 0 || s.Sent != s.Expired+s.Lost {
		t.Errorf("stats %v", s)
	}

	// What comes now is lost to the connector, but is in the history.
	missed := w.keepTouching(t, 10*time.Hour)
	attempts := len(w.receiver.received())
	after := w.Stats()
	if int(after.Attempts) != attempts || after.Attempts != s.Attempts || after.Missed != s.Missed+10 {
		t.Errorf("while disabled: %v", after)
	}
	history, err := w.History(w.device)
	if err != nil || len(history) != 131 {
		t.Errorf("%d events in the history, %v", len(history), err)
	}

	// Enabled again, it does not get what it missed.
	w.receiver.answer = nil
	if err := w.SetStatus(w.connector, dtcloud.StatusActive); err != nil {
		t.Fatal(err)
	}
	fresh := w.keepTouching(t, 3*time.Hour)
	ids := w.receiver.ids(t)[attempts:]
	if !slices.Equal(ids, fresh) {
		t.Errorf("after being enabled: %v, want %v", ids, fresh)
	}
	if slices.Contains(ids, missed[0]) {
		t.Error("a missed event was delivered")
	}
	if got := w.statusNow(t); got != dtcloud.StatusActive {
		t.Errorf("%s after a success", got)
	}
}

func TestOneSuccessKeepsConnectorEnabled(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = func(*http.Request, []byte) int {
		if d := w.clock.Now().Sub(start); d > 60*time.Hour && d < 61*time.Hour {
			return http.StatusOK
		}
		return http.StatusInternalServerError
	}
	w.keepTouching(t, 170*time.Hour)
	if got := w.statusNow(t); got != dtcloud.StatusActive {
		t.Errorf("%s although there was a success", got)
	}
	w.keepTouching(t, 20*time.Hour)
	if got := w.statusNow(t); got != dtcloud.StatusSystemDisabled {
		t.Errorf("%s 5 days after the last success", got)
	}
}

// 204 acknowledges, but is no success: DT wants exactly 200.
func TestOther2xxDisables(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = status(http.StatusNoContent)
	w.keepTouching(t, 122*time.Hour)
	if got := w.statusNow(t); got != dtcloud.StatusSystemDisabled {
		t.Errorf("%s after 5 days of 204", got)
	}
	s := w.Stats()
	if s.Delivered != s.Sent || s.Retried != 0 {
		t.Errorf("stats %v", s)
	}
	metrics, err := w.Metrics(w.connector)
	if err != nil || metrics.SuccessCount != 0 {
		t.Errorf("metrics %+v, %v", metrics, err)
	}
}

// Switched off by hand with requests under way: those may still succeed.
func TestDisabledWhileDelivering(t *testing.T) {
	var w *world
	var once sync.Once
	w = newWorld(t, func(c *dtcloud.Config) { c.Concurrency = 2 })
	w.receiver.answer = func(*http.Request, []byte) int {
		once.Do(func() {
			if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
				t.Error(err)
			}
		})
		return http.StatusOK
	}
	w.touch(t, 10)
	w.deliverAll(t)
	got := w.Stats()
	if got.Delivered < 1 || got.Delivered > 2 || got.Delivered+got.Lost != 10 {
		t.Errorf("stats %v", got)
	}
	w.receiver.answer = nil
	if err := w.SetStatus(w.connector, dtcloud.StatusActive); err != nil {
		t.Fatal(err)
	}
	w.touch(t, 1)
	w.deliverAll(t)
	if after := w.Stats(); after.Delivered != got.Delivered+1 || after.Pending != 0 {
		t.Errorf("enabled again: %v", after)
	}
}

// Disabled while retries are due: they never come, not even after it is enabled.
func TestDisabledBetweenRetries(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = status(http.StatusInternalServerError)
	w.touch(t, 10)
	w.pass(t, time.Minute)
	for _, status := range []dtcloud.Status{dtcloud.StatusUserDisabled, dtcloud.StatusActive} {
		if err := w.SetStatus(w.connector, status); err != nil {
			t.Fatal(err)
		}
	}
	before := len(w.receiver.received())
	w.pass(t, 24*time.Hour)
	if after := len(w.receiver.received()); after != before {
		t.Errorf("%d attempts after the queue was given up", after-before)
	}
	s := w.Stats()
	w.checkStats(t, dtcloud.Stats{Sent: 10, Lost: 10, Attempts: s.Attempts, Retried: s.Retried})
}
