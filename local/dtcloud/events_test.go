package dtcloud_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// demoBodies returns what a connector gets from the demo in a time.
func demoBodies(t *testing.T, seed uint64, d time.Duration) [][]byte {
	t.Helper()
	// One request at a time: in the order of queueing.
	w := newWorld(t, func(c *dtcloud.Config) { c.Seed, c.Concurrency = seed, 1 })
	project, err := dtcloud.Demo(w.Cloud)
	if err != nil {
		t.Fatal(err)
	}
	w.project = project
	w.addConnector(t, dtcloud.Connector{Labels: []string{"name", "floor"}})
	w.pass(t, d)
	return w.receiver.received()
}

func TestDemoEmitsAllTypes(t *testing.T) {
	types, deviceTypes, ids := make(map[string]int), make(map[string]int), make(map[string]bool)
	backfilled := 0
	for _, body := range demoBodies(t, 1, 48*time.Hour) {
		ev := decode(t, body)
		types[ev.Type]++
		deviceTypes[ev.DeviceType()]++
		if ids[ev.ID] {
			t.Errorf("id %s twice", ev.ID)
		}
		ids[ev.ID] = true
		if err := decodeTyped(ev); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if bytes.Contains(body, []byte(`"isBackfilled":true`)) {
			backfilled++
		}
		if name, ok := ev.Labels.Get("name"); !ok || name == "" || len(ev.Labels) != 2 {
			t.Errorf("labels %v", ev.Labels)
		}
	}
	if len(types) != len(event.Types()) {
		t.Errorf("%d event types: %v", len(types), types)
	}
	if len(deviceTypes) != len(event.DeviceTypes()) {
		t.Errorf("%d device types: %v", len(deviceTypes), deviceTypes)
	}
	if backfilled == 0 {
		t.Error("nothing was backfilled")
	}
}

// decodeTyped decodes the data by the event's type.
func decodeTyped(ev *event.Event) error {
	_, err := map[string]func() (any, error){
		event.TypeTouch:              func() (any, error) { return ev.Touch() },
		event.TypeTemperature:        func() (any, error) { return ev.Temperature() },
		event.TypeObjectPresent:      func() (any, error) { return ev.ObjectPresent() },
		event.TypeHumidity:           func() (any, error) { return ev.Humidity() },
		event.TypeObjectPresentCount: func() (any, error) { return ev.ObjectPresentCount() },
		event.TypeTouchCount:         func() (any, error) { return ev.TouchCount() },
		event.TypeWaterPresent:       func() (any, error) { return ev.WaterPresent() },
		event.TypeNetworkStatus:      func() (any, error) { return ev.NetworkStatus() },
		event.TypeBatteryStatus:      func() (any, error) { return ev.BatteryStatus() },
		event.TypeLabelsChanged:      func() (any, error) { return ev.LabelsChanged() },
		event.TypeConnectionStatus:   func() (any, error) { return ev.ConnectionStatus() },
		event.TypeEthernetStatus:     func() (any, error) { return ev.EthernetStatus() },
		event.TypeCellularStatus:     func() (any, error) { return ev.CellularStatus() },
		event.TypeCO2:                func() (any, error) { return ev.CO2() },
		event.TypeMotion:             func() (any, error) { return ev.Motion() },
		event.TypePressure:           func() (any, error) { return ev.Pressure() },
		event.TypeDeskOccupancy:      func() (any, error) { return ev.DeskOccupancy() },
		event.TypeContact:            func() (any, error) { return ev.Contact() },
		event.TypeProbeWireStatus:    func() (any, error) { return ev.ProbeWireStatus() },
	}[ev.Type]()
	return err
}

// Every body has the members of DT's samples, in their order, and their kinds.
func TestBodiesLookLikeDTs(t *testing.T) {
	data, err := os.ReadFile("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var samples struct {
		Events []struct {
			EventType string          `json:"eventType"`
			Forwarded json.RawMessage `json:"forwarded"`
		} `json:"events"`
	}
	if err := json.Unmarshal(data, &samples); err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, s := range samples.Events {
		want[s.EventType] = shape(t, s.Forwarded)
	}
	if len(want) != len(event.Types()) {
		t.Fatalf("samples of only %d types", len(want))
	}
	stamp := regexp.MustCompile(`"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"\},"labels":`)
	ids := regexp.MustCompile(`^\{"event":\{"eventId":"[0-9a-v]{20}","targetName":"projects/[0-9a-v]{20}/devices/(emu)?[0-9a-v]{20}",`)
	seen := make(map[string]int)
	for _, body := range demoBodies(t, 1, 48*time.Hour) {
		ev := decode(t, body)
		if seen[ev.Type]++; seen[ev.Type] > 100 {
			continue
		}
		if got := shape(t, body); got != want[ev.Type] {
			t.Errorf("%s\n got %s\nwant %s", body, got, want[ev.Type])
		}
		if !stamp.Match(body) || !ids.Match(body) {
			t.Errorf("ids or times not as DT's: %s", body)
		}
		if bytes.ContainsAny(body, "\n\t") || bytes.Contains(body, []byte(`, "`)) {
			t.Errorf("not compact: %s", body)
		}
	}
}

// The very bytes that DT Cloud sent for a touch of this device.
func TestBodyEqualsDTs(t *testing.T) {
	const want = `{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"touch","data":{"touch":{"updateTime":"2022-02-10T12:42:13.313949Z"}},"timestamp":"2022-02-10T12:42:13.313949Z"},"labels":{"name":"touch"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"touch","productNumber":""}}`
	w := newWorld(t, nil)
	project, err := w.AddProject(dtcloud.ProjectSpec{ID: "c14u9p094l47cdv1o3pg"})
	if err != nil {
		t.Fatal(err)
	}
	w.project = project
	device := w.addDevice(t, dtcloud.DeviceSpec{
		ID: "emuc17m6d7lq0bgk44smcqg", Type: event.DeviceTouch, Emulated: true,
		Labels: map[string]string{"name": "touch", "floor": "3"},
	})
	w.addConnector(t, dtcloud.Connector{Labels: []string{"name", "not-there"}})
	_, err = w.Inject(dtcloud.Event{
		Device: device, Type: event.TypeTouch, ID: "c82gg9catj3vmh4248og",
		Data: []byte(`{"touch": {"updateTime": "2022-02-10T12:42:13.313949Z"}}`),
		Time: time.Date(2022, 2, 10, 12, 42, 13, 313949000, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	if got := w.receiver.received(); len(got) != 1 || string(got[0]) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSameSeedSameBodies(t *testing.T) {
	first, again, other := demoBodies(t, 5, 6*time.Hour), demoBodies(t, 5, 6*time.Hour), demoBodies(t, 6, 6*time.Hour)
	if len(first) < 1000 {
		t.Errorf("only %d events in 6 hours", len(first))
	}
	if !slices.EqualFunc(first, again, bytes.Equal) {
		t.Error("one seed gave two sequences")
	}
	if slices.EqualFunc(first, other, bytes.Equal) {
		t.Error("two seeds gave one sequence")
	}
}

// Somebody who starts the demo sees something at once.
func TestFirstEventComesAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	project, err := dtcloud.Demo(w.Cloud)
	if err != nil {
		t.Fatal(err)
	}
	w.project = project
	w.addConnector(t, dtcloud.Connector{})
	w.pass(t, time.Second)
	if len(w.receiver.received()) == 0 {
		t.Error("no event in the first second")
	}
	w.pass(t, 3*time.Minute)
	devices, err := w.Devices(project)
	if err != nil || len(devices) != 26 {
		t.Fatalf("%d devices, %v", len(devices), err)
	}
	for _, d := range devices {
		if emulated := strings.Contains(d.Name, "/emu"); emulated == (len(d.Reported) > 0) {
			t.Errorf("%s has reported %d types", d.Name, len(d.Reported))
		}
	}
	w.StopSensors()
	before := w.Stats().Sent
	w.pass(t, 24*time.Hour)
	if after := w.Stats().Sent; after != before {
		t.Errorf("%d events after the sensors were stopped", after-before)
	}
}

// A sensor that is added to a running cloud begins, too.
func TestDeviceAddedWhileRunning(t *testing.T) {
	w := newWorld(t, nil)
	w.pass(t, time.Minute)
	device := w.addDevice(t, dtcloud.DeviceSpec{Type: event.DeviceCO2})
	w.pass(t, 10*time.Minute)
	if history, err := w.History(device); err != nil || len(history) == 0 {
		t.Errorf("history: %d events, %v", len(history), err)
	}
}

// The demo's devices are the same each time, so that a store can go on.
func TestDemoIsTheSameEachTime(t *testing.T) {
	names := func(seed uint64) (names []string) {
		cloud, err := dtcloud.New(dtcloud.Config{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		project, err := dtcloud.Demo(cloud)
		if err != nil {
			t.Fatal(err)
		}
		devices, err := cloud.Devices(project)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range devices {
			names = append(names, d.Name)
		}
		return names
	}
	if first, again := names(0), names(0); !slices.Equal(first, again) {
		t.Errorf("%v\n%v", first, again)
	}
	cloud, err := dtcloud.New(dtcloud.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if _, err := dtcloud.Demo(cloud); (err != nil) != (i == 1) {
			t.Errorf("demo %d: %v", i, err)
		}
	}
}
