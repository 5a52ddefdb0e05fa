package dtcloud_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

func TestPublish(t *testing.T) {
	const now = `"updateTime":"2024-05-29T08:00:00.000000Z"`
	for _, test := range []struct{ eventType, value, want string }{
		{event.TypeTouch, `{}`, `{"touch":{` + now + `}}`},
		{event.TypeTemperature, ` { "value" : 27.0 } `, `{"temperature":{"value":27.0,"isBackfilled":false,"samples":[{"value":27.0,"sampleTime":"2024-05-29T08:00:00.000000Z"}],` + now + `}}`},
		{event.TypeTemperature, `{"value":1,"isBackfilled":true,"samples":[]}`, `{"temperature":{"value":1,"isBackfilled":true,"samples":[],` + now + `}}`},
		{event.TypeHumidity, `{"temperature":20,"relativeHumidity":41,"updateTime":"2020-01-01T00:00:00Z"}`,
			`{"humidity":{"temperature":20,"relativeHumidity":41,"updateTime":"2020-01-01T00:00:00Z","isBackfilled":false,` +
				`"samples":[{"temperature":20,"relativeHumidity":41,"sampleTime":"2020-01-01T00:00:00Z"}]}}`},
		{event.TypeTemperature, `{"updateTime":"2020-01-01T00:00:00Z"}`, `{"temperature":{"updateTime":"2020-01-01T00:00:00Z"}}`},
		{`a "new" type`, `{"x":1e3}`, `{"a \"new\" type":{"x":1e3,` + now + `}}`},
	} {
		w := newWorld(t, nil)
		id, err := w.Publish(w.device, test.eventType, []byte(test.value))
		if err != nil {
			t.Fatal(err)
		}
		w.deliverAll(t)
		ev := decode(t, w.receiver.received()[0])
		if ev.ID != id || ev.Type != test.eventType || string(ev.Data) != test.want || ev.Timestamp != "2024-05-29T08:00:00.000000Z" || ev.TargetName != w.device {
			t.Errorf("got %s", ev.Raw())
		}
	}
}

func TestBadPublish(t *testing.T) {
	w := newWorld(t, nil)
	for _, test := range []struct{ eventType, value string }{
		{event.TypeLabelsChanged, `{}`}, {"", `{}`},
		{event.TypeTouch, ``}, {event.TypeTouch, `null`}, {event.TypeTouch, `[]`}, {event.TypeTouch, `{`},
		{event.TypeTouch, `{}{}`}, {event.TypeTouch, `{"a":1,"a":2}`}, {event.TypeTouch, "{\"a\":\"\xff\"}"},
	} {
		if _, err := w.Publish(w.device, test.eventType, []byte(test.value)); !errors.Is(err, dtcloud.ErrInvalid) {
			t.Errorf("%q %q: %v", test.eventType, test.value, err)
		}
	}
	if _, err := w.Inject(dtcloud.Event{Device: w.device, Type: "x", Data: []byte("7")}); !errors.Is(err, dtcloud.ErrInvalid) {
		t.Errorf("inject: %v", err)
	}
	if s := w.Stats(); s.Sent != 0 {
		t.Errorf("%v", s)
	}
}

func FuzzPublish(f *testing.F) {
	f.Add("touch", []byte("{}"))
	f.Add("temperature", []byte(`{"value": 23.5, "samples": [{"value": 1}], "updateTime": null}`))
	f.Add("a\"b\n", []byte("{\"\\u0000\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, eventType string, value []byte) {
		w := newWorld(t, nil)
		id, err := w.Publish(w.device, eventType, value)
		if err != nil {
			if !errors.Is(err, dtcloud.ErrInvalid) {
				t.Error(err)
			}
			return
		}
		w.deliverAll(t)
		bodies := w.receiver.received()
		if len(bodies) != 1 {
			t.Fatalf("%d requests", len(bodies))
		}
		if ev := decode(t, bodies[0]); ev.ID != id {
			t.Errorf("%s", bodies[0])
		}
		devices, err := w.Devices(w.project)
		if err != nil || len(devices[0].Reported) != 1 {
			t.Errorf("%+v, %v", devices, err)
		}
	})
}

func TestSetLabels(t *testing.T) {
	w := newWorld(t, nil)
	device := w.addDevice(t, dtcloud.DeviceSpec{Type: event.DeviceContact, Emulated: true, Labels: map[string]string{"name": "Door", "floor": "1", "old": "x"}})
	w.addConnector(t, dtcloud.Connector{Events: []string{event.TypeLabelsChanged}, Labels: []string{"name", "floor", "old", "new"}})
	if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	change := map[string]string{"floor": "2", "new": "", "name": "Door"}
	if err := w.SetLabels(device, change, "old", "not-there"); err != nil {
		t.Fatal(err)
	}
	// Nothing changes, nothing is emitted.
	if err := w.SetLabels(device, change, "old"); err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	bodies := w.receiver.received()
	if len(bodies) != 1 {
		t.Fatalf("%d events", len(bodies))
	}
	for _, part := range []string{
		`"data":{"added":{"new":""},"modified":{"floor":"2"},"removed":["old"]}`,
		`"labels":{"floor":"2","name":"Door","new":""}`,
	} {
		if !bytes.Contains(bodies[0], []byte(part)) {
			t.Errorf("%s is not in %s", part, bodies[0])
		}
	}
	devices, err := w.Devices(w.project)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := devices[1].Labels, map[string]string{"name": "Door", "floor": "2", "new": "", "virtual-sensor": ""}; !maps.Equal(got, want) {
		t.Errorf("labels %v", got)
	}
	// As in DT's REST API, it is in no history.
	if history, err := w.History(device); err != nil || len(history) != 0 {
		t.Errorf("history %s, %v", history, err)
	}
	if err := w.SetLabels(device, map[string]string{"": "x"}); !errors.Is(err, dtcloud.ErrInvalid) {
		t.Errorf("empty key: %v", err)
	}
}

// inject lets the device have been touched some time ago.
func (w *world) inject(t *testing.T, ago time.Duration) {
	t.Helper()
	if _, err := w.Inject(dtcloud.Event{Device: w.device, Type: event.TypeTouch, Time: w.clock.Now().Add(-ago)}); err != nil {
		t.Fatal(err)
	}
}

func historyTimes(t *testing.T, w *world) (times []string) {
	t.Helper()
	history, err := w.History(w.device)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range history {
		var e struct{ EventID, TargetName, Timestamp string }
		if err := json.Unmarshal(text, &e); err != nil || e.EventID == "" || e.TargetName != w.device {
			t.Fatalf("%s: %v", text, err)
		}
		times = append(times, e.Timestamp[5:16])
	}
	return times
}

func TestHistory(t *testing.T) {
	w := newWorld(t, nil)
	w.inject(t, 0)
	w.inject(t, 2*time.Hour) // backfilled
	w.inject(t, time.Hour)
	w.inject(t, 32*24*time.Hour) // older than what is kept
	if got := strings.Join(historyTimes(t, w), " "); got != "05-29T08:00 05-29T07:00 05-29T06:00" {
		t.Errorf("history %s", got)
	}
	w.pass(t, 31*24*time.Hour-90*time.Minute)
	if got := strings.Join(historyTimes(t, w), " "); got != "05-29T08:00 05-29T07:00" {
		t.Errorf("after 31 days: %s", got)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	w := newWorld(t, func(c *dtcloud.Config) { c.HistoryLimit = 3 })
	for i := range 10 {
		w.inject(t, time.Duration(10-i)*time.Hour)
	}
	if got := strings.Join(historyTimes(t, w), " "); got != "05-29T07:00 05-29T06:00 05-29T05:00" {
		t.Errorf("history %s", got)
	}
}

// A backfilled event does not replace what the device reported later.
func TestReported(t *testing.T) {
	w := newWorld(t, nil)
	for _, e := range []struct {
		value string
		ago   time.Duration
	}{{"1", time.Hour}, {"2", 0}, {"3", 2 * time.Hour}} {
		_, err := w.Inject(dtcloud.Event{
			Device: w.device, Type: event.TypeTemperature,
			Data: []byte(`{"temperature":{"value":` + e.value + `}}`), Time: start.Add(-e.ago),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.touch(t, 1)
	devices, err := w.Devices(w.project)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(devices[0])
	if err != nil {
		t.Fatal(err)
	}
	if want := `"reported":{"temperature":{"value":2},"touch":{"updateTime":"2024-05-29T08:00:00.000000Z"}}}`; !strings.HasSuffix(string(text), want) {
		t.Errorf("%s", text)
	}
	if want := []string{w.project}; len(w.Projects()) != 1 || w.Projects()[0] != want[0] {
		t.Errorf("projects %v", w.Projects())
	}
}
