package dtapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func TestDevicesAreRead(t *testing.T) {
	w := &world{api: always(string(vectors(t, "rest_api.json")["devices"]))}
	var devices []dtapi.Device
	for d, err := range w.client(t).Devices(t.Context(), dtapi.DeviceQuery{Project: "projects/" + project}) {
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, d)
	}
	if len(devices) != 9 {
		t.Fatalf("%d devices, want 9", len(devices))
	}
	ccon, humidity, silent := devices[0], devices[1], devices[8]
	if humidity.Name != "projects/c0md38m0c7bet4vico8g/devices/emuc109fhppdqebrvv2jqug" || humidity.Type != "humidity" || humidity.ProductNumber != "101895" ||
		!reflect.DeepEqual(humidity.Labels, map[string]string{"name": "humidity", "new-label": "99", "virtual-sensor": ""}) {
		t.Errorf("got %+v", humidity)
	}
	if got := string(ccon.Reported["touch"]); !sameJSON(t, []byte(got), []byte(`{"updateTime": "2021-03-13T16:05:27.591228Z"}`)) {
		t.Errorf("touch reported as %s", got)
	}
	if string(ccon.Reported["connectionLatency"]) != "null" || string(silent.Reported["temperature"]) != "null" || silent.ProductNumber != "" {
		t.Errorf("got %+v and %+v", ccon.Reported, silent)
	}
	if r := w.seen()[0]; r.URL != apiURL+"/projects/"+project+"/devices?page_size=100" {
		t.Errorf("sent %s", r.URL)
	}
}

func TestDevice(t *testing.T) {
	w := &world{api: always(`{"name":"projects/p/devices/d","type":"touch","product_number":"1","labels":null,"reported":null}`)}
	for _, name := range []dtapi.DeviceName{device, "projects/-/devices/d"} {
		d, err := w.client(t).Device(t.Context(), name)
		if err != nil || d.Name != "projects/p/devices/d" || d.Type != "touch" || d.ProductNumber != "1" || d.Labels == nil || len(d.Labels) != 0 || d.Reported != nil {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if r := w.seen()[1]; r.Path != "/projects/-/devices/d" {
		t.Errorf("sent %s", r.URL)
	}
	for _, answer := range []string{`{}`, `{"name":"n","labels":{"a":1}}`, `{"name":"n","labels":[]}`, `{"name":"n","reported":[]}`, `{"name":"n","type":7}`} {
		w.answer(always(answer))
		if _, err := w.client(t).Device(t.Context(), device); !errors.Is(err, dtapi.ErrMalformed) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestDeviceQuery(t *testing.T) {
	for _, test := range []struct {
		query dtapi.DeviceQuery
		path  string
		want  map[string][]string
	}{
		{dtapi.DeviceQuery{Project: "p", IDs: []string{"a", "b"}, Types: []string{"touch", "co2"}, Labels: []string{"floor=2", "room"}}, "/projects/p/devices",
			map[string][]string{"page_size": {"100"}, "device_ids": {"a", "b"}, "device_types": {"touch", "co2"}, "label_filters": {"floor=2", "room"}}},
		{dtapi.DeviceQuery{Organization: "o"}, "/projects/-/devices",
			map[string][]string{"page_size": {"100"}, "organization": {"organizations/o"}}},
		{dtapi.DeviceQuery{Organization: "organizations/o", Projects: []string{"p", "projects/q"}}, "/projects/-/devices",
			map[string][]string{"page_size": {"100"}, "organization": {"organizations/o"}, "projects": {"projects/p", "projects/q"}}},
	} {
		w := &world{}
		for _, err := range w.client(t).Devices(t.Context(), test.query) {
			t.Error(err)
		}
		if r := w.seen()[0]; r.Path != test.path || !reflect.DeepEqual(r.Query, test.want) {
			t.Errorf("%+v: sent %s %v, want %s %v", test.query, r.Path, r.Query, test.path, test.want)
		}
	}
}

func TestSetLabels(t *testing.T) {
	change := dtapi.LabelChange{
		Devices: []dtapi.DeviceName{device, "projects/" + project + "/devices/d2"},
		Set:     map[string]string{"floor": "2", "empty": ""}, Remove: []string{"room"},
	}
	for _, answer := range []string{`{}`, `{"batchErrors":[]}`, `{"batchErrors":null}`} {
		w := &world{api: always(answer)}
		if err := w.client(t).SetLabels(t.Context(), change); err != nil {
			t.Errorf("%s: %v", answer, err)
		}
		r := w.seen()[0]
		want := fmt.Sprintf(`{"devices":[%q,"projects/%s/devices/d2"],"addLabels":{"floor":"2","empty":""},"removeLabels":["room"]}`, device, project)
		if r.Method != "POST" || r.Path != "/projects/"+project+"/devices:batchUpdate" || !sameJSON(t, []byte(r.Body), []byte(want)) {
			t.Errorf("sent %s %s %s", r.Method, r.Path, r.Body)
		}
	}
	w := &world{}
	if err := w.client(t).SetLabels(t.Context(), dtapi.LabelChange{Devices: []dtapi.DeviceName{device}, Remove: []string{"x"}}); err != nil || strings.Contains(w.seen()[0].Body, "addLabels") {
		t.Errorf("sent %s, %v", w.seen()[0].Body, err)
	}
}

func TestSetLabelsFailsForSome(t *testing.T) {
	change := dtapi.LabelChange{Devices: []dtapi.DeviceName{device}, Remove: []string{"x"}}
	w := &world{api: always(string(vectors(t, "rest_api.json")["batch_label_response"]))}
	err := w.client(t).SetLabels(t.Context(), change)
	var e *dtapi.LabelError
	if !errors.As(err, &e) || len(e.Failures) != 2 {
		t.Fatalf("got %v", err)
	}
	want := dtapi.DeviceFailure{Device: "projects/<source_project_id>/devices/<device_id_1>", Code: "INVALID_ARGUMENT", Message: "Max labels reached for device."}
	if e.Failures[0] != want {
		t.Errorf("got %+v, want %+v", e.Failures[0], want)
	}
	if !errors.Is(err, dtapi.ErrInvalid) || !errors.Is(err, dtapi.ErrUnavailable) || errors.Is(err, dtapi.ErrNotFound) || errors.Is(err, dtapi.ErrForbidden) {
		t.Errorf("%v is the wrong kind", err)
	}
	if !strings.Contains(err.Error(), "labels of 2 device(s) not changed: "+want.Error()) {
		t.Errorf("got %v", err)
	}
	// Many failures are one line all the same, and codes may be numbers.
	one := `{"device":"/projects/p/devices/d","status":{"code":5,"message":"a\nb"}}`
	w.answer(always(`{"batch_errors":[` + strings.Repeat(one+",", 9) + `{"device":"d","status":{"code":"NOT_FOUND"}},{"status":{"code":"PERMISSION_DENIED"}}]}`))
	err = w.client(t).SetLabels(t.Context(), change)
	if !errors.Is(err, dtapi.ErrNotFound) || !errors.Is(err, dtapi.ErrForbidden) || !strings.HasSuffix(err.Error(), "; and 8 more") || !strings.Contains(err.Error(), "projects/p/devices/d: 5: a b;") {
		t.Errorf("got %v", err)
	}
	checkLine(t, err.Error())
	for _, answer := range []string{`[]`, `{"batchErrors":{}}`, `{"batchErrors":[1]}`, `{"batchErrors":[{"status":1}]}`, `{"batchErrors":[{"device":1}]}`, ``} {
		w.answer(always(answer))
		if err := w.client(t).SetLabels(t.Context(), change); !errors.Is(err, dtapi.ErrMalformed) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// Devices that are kept do not keep their pages.
func TestDevicesDoNotKeepPages(t *testing.T) {
	const pages = 40
	padding := strings.Repeat(" ", 512<<10)
	w := &world{api: func(n int, _ handled) (*http.Response, error) {
		next := ""
		if n < pages-1 {
			next = fmt.Sprint(n)
		}
		return ok(`{"devices":[{"name":"projects/p/devices/d","type":"touch","labels":{"name":"x"},"reported":{"touch":{"x":1}}}],` + padding + `"nextPageToken":"` + next + `"}`)
	}}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	var kept []dtapi.Device
	for d, err := range w.client(t).Devices(t.Context(), dtapi.DeviceQuery{Project: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, d)
	}
	after := heap()
	if len(kept) != pages {
		t.Fatalf("%d devices", len(kept))
	}
	if after > before+5<<20 {
		t.Errorf("%d devices keep %d KiB", len(kept), (after-before)>>10)
	}
	runtime.KeepAlive(kept)
}
