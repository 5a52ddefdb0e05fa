package sample_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/sample"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Of every type there is an event that receive reads.
func TestTypes(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, eventType := range event.Types() {
		id, body, err := sample.Event{Type: eventType, Device: "d1", Project: "p1", Labels: map[string]string{"floor": "2"}}.Body(now, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		e, err := event.Decode(body)
		if err != nil {
			t.Errorf("%s: %v", eventType, err)
			continue
		}
		if e.ID != id || e.Type != eventType || e.DeviceID() != "d1" || e.ProjectID() != "p1" || e.Timestamp != "2026-03-04T05:06:07.000000Z" {
			t.Errorf("%s", body)
		}
		if floor, ok := e.Labels.Get("floor"); !ok || floor != "2" {
			t.Errorf("labels of %s", body)
		}
		if got := e.DeviceType(); got == "" || got != sample.DeviceType(eventType) {
			t.Errorf("device type %q in %s", got, body)
		}
	}
}

// What is given goes before what is usual.
func TestGiven(t *testing.T) {
	given := sample.Event{ID: "c0ffee00000000000000", Type: "unheardOf", Device: "d1", DeviceType: "probe", Project: "p1", Data: `{"value":1}`}
	id, body, err := given.Body(time.Unix(0, 0), rand.Reader)
	if err != nil || id != given.ID {
		t.Fatal(id, err)
	}
	const want = `{"event":{"eventId":"c0ffee00000000000000","targetName":"projects/p1/devices/d1","eventType":"unheardOf","data":{"unheardOf":{"value":1}},` +
		`"timestamp":"1970-01-01T00:00:00.000000Z"},"labels":{},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"probe","productNumber":""}}`
	if string(body) != want {
		t.Errorf("%s, want %s", body, want)
	}
	if _, _, err := (sample.Event{Type: "touch", Data: "{"}).Body(time.Unix(0, 0), rand.Reader); err == nil {
		t.Error("data that is no JSON is sent")
	}
}
