package dtcloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// serve makes a request to a handler, without a network.
func serve(t *testing.T, handler http.Handler, account dtcloud.ServiceAccount, method, path, body, mask string) int {
	t.Helper()
	r := httptest.NewRequest(method, dtcloud.APIPath+path, strings.NewReader(body))
	r.URL.RawQuery = url.Values{"update_mask": {mask}}.Encode()
	r.SetBasicAuth(account.KeyID, account.Secret.Reveal())
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer.Code
}

type eventPage struct {
	Events []struct {
		EventID, EventType string
		Timestamp          time.Time
	}
	NextPageToken string
}

// history returns the ids of a device's events, page by page; between is called
// between pages.
func (a *api) history(t *testing.T, device, query string, between func()) (ids []string, pages int) {
	t.Helper()
	token := ""
	for {
		var p eventPage
		a.call(t, "GET", "/"+device+"/events?"+query+"&page_token="+token, "").must(t, &p)
		for _, e := range p.Events {
			ids = append(ids, e.EventID)
		}
		pages++
		if token = p.NextPageToken; token == "" {
			return ids, pages
		}
		if between != nil {
			between()
		}
	}
}

func TestAPIEvents(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	now := a.Clock().Now()
	inject := func(id, eventType string, at time.Time) {
		if _, err := a.Inject(dtcloud.Event{Device: device, Type: eventType, ID: id, Time: at}); err != nil {
			t.Fatal(err)
		}
	}
	var all []string // the newest first
	for i := range 250 {
		eventType := []string{event.TypeTouch, event.TypeNetworkStatus}[i%2]
		// Several have the same time.
		inject(fmt.Sprint("e", i), eventType, now.Add(-time.Duration(i/10)*time.Hour))
	}
	// Among events of one time, what came last is listed first.
	for hour := range 25 {
		for i := 9; i >= 0; i-- {
			all = append(all, fmt.Sprint("e", hour*10+i))
		}
	}
	start := "start_time=" + now.Add(-48*time.Hour).Format(time.RFC3339)
	for _, size := range []int{1, 7, 10, 249, 250, 1000} {
		ids, pages := a.history(t, device, fmt.Sprint(start, "&page_size=", size), nil)
		if want := (250 + size - 1) / size; !slices.Equal(ids, all) || pages != want {
			t.Errorf("pages of %d: %d events in %d pages, want %d", size, len(ids), pages, want)
		}
	}
	// The other spellings, and one type.
	ids, _ := a.history(t, device, "startTime="+now.Add(-48*time.Hour).Format(time.RFC3339)+"&pageSize=3&eventTypes=touch", nil)
	if len(ids) != 125 || slices.Contains(ids, "e1") {
		t.Errorf("%d events of one type", len(ids))
	}
	ids, _ = a.history(t, device, start+"&event_types=touch&event_types=networkStatus", nil)
	if len(ids) != 250 {
		t.Errorf("%d events of two types", len(ids))
	}
	// Bounds; without any, the last 24 hours.
	ids, _ = a.history(t, device, "start_time="+now.Add(-3*time.Hour).Format(time.RFC3339)+"&end_time="+now.Add(-time.Hour).Format(time.RFC3339), nil)
	if !slices.Equal(ids, all[20:40]) {
		t.Errorf("from 3 h to 1 h ago: %v", ids)
	}
	if ids, _ = a.history(t, device, "", nil); len(ids) != 250 {
		t.Errorf("%d events of the last 24 hours", len(ids))
	}
	// Events that come meanwhile do not move those that were listed.
	n := 0
	ids, _ = a.history(t, device, start+"&page_size=9", func() {
		inject(fmt.Sprint("new", n), event.TypeTouch, now)
		inject(fmt.Sprint("late", n), event.TypeTouch, now.Add(-25*time.Hour))
		n++
	})
	old := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.HasPrefix(id, "e") })
	if !slices.Equal(old, all) {
		t.Errorf("while events came: %d of %d", len(old), len(all))
	}
	if got := slices.Compact(slices.Sorted(slices.Values(ids))); len(got) != len(ids) {
		t.Error("an event was listed twice")
	}
}

func TestAPIDevices(t *testing.T) {
	a := newAPI(t, nil)
	other, err := a.AddProject(dtcloud.ProjectSpec{ID: "p2"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 230 {
		types := event.DeviceTypes()
		spec := dtcloud.DeviceSpec{ID: fmt.Sprintf("d%03d", i), Type: types[i%len(types)], Labels: map[string]string{"n": fmt.Sprint(i % 2)}}
		if _, err := a.AddDevice(a.project, spec); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.AddDevice(other, dtcloud.DeviceSpec{ID: "hidden", Type: event.DeviceTouch}); err != nil {
		t.Fatal(err)
	}
	list := func(path string) (ids []string, pages int) {
		token := ""
		for {
			var p struct {
				Devices       []dtcloud.Device
				NextPageToken string
			}
			a.call(t, "GET", path+"&page_token="+token, "").must(t, &p)
			for _, d := range p.Devices {
				ids = append(ids, d.Name[strings.LastIndex(d.Name, "/")+1:])
			}
			pages++
			if token = p.NextPageToken; token == "" {
				return ids, pages
			}
		}
	}
	if ids, pages := list("/projects/p1/devices?"); len(ids) != 230 || pages != 3 || ids[0] != "d000" || ids[229] != "d229" {
		t.Errorf("%d devices in %d pages", len(ids), pages)
	}
	if ids, _ := list("/projects/-/devices?organization=organizations/" + a.Organization()); len(ids) != 230 {
		t.Errorf("%d devices of the organization that can be seen", len(ids))
	}
	if ids, _ := list("/projects/p1/devices?device_types=co2&device_types=motion"); len(ids) == 0 || len(ids) > 50 {
		t.Errorf("%d of two types", len(ids))
	}
	if ids, _ := list("/projects/p1/devices?label_filters=n=1"); len(ids) != 115 {
		t.Errorf("%d with a label", len(ids))
	}
	if ids, _ := list("/projects/p1/devices?deviceIds=d007"); !slices.Equal(ids, []string{"d007"}) {
		t.Errorf("by id: %v", ids)
	}
	var d dtcloud.Device
	a.call(t, "GET", "/projects/-/devices/d007", "").must(t, &d)
	if d.Name != "projects/p1/devices/d007" {
		t.Errorf("%+v", d)
	}
	if got := a.call(t, "GET", "/projects/-/devices/hidden", ""); got.status != http.StatusNotFound {
		t.Errorf("a device of another project: %d", got.status)
	}
}

func TestAPILabels(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{ID: "d", Type: event.DeviceTouch, Labels: map[string]string{"a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	var batch struct {
		BatchErrors []struct {
			Device string
			Status struct{ Code string }
		}
	}
	a.call(t, "POST", "/projects/p1/devices:batchUpdate",
		`{"devices":["projects/p1/devices/d","projects/p1/devices/x"],"addLabels":{"b":"2"},"removeLabels":["a"]}`).must(t, &batch)
	if len(batch.BatchErrors) != 1 || batch.BatchErrors[0].Status.Code != "NOT_FOUND" {
		t.Errorf("%+v", batch)
	}
	var label struct{ Name, Value string }
	a.call(t, "POST", "/"+device+"/labels", `{"key":"c","value":"3"}`).must(t, &label)
	a.call(t, "PATCH", "/"+device+"/labels/b?updateMask=value", `{"value":"4"}`).must(t, &label)
	if label.Name != device+"/labels/b" || label.Value != "4" {
		t.Errorf("%+v", label)
	}
	if got := a.call(t, "DELETE", "/"+device+"/labels/c", ""); got.status != 200 {
		t.Errorf("%+v", got)
	}
	var list struct{ Labels []json.RawMessage }
	a.call(t, "GET", "/"+device+"/labels", "").must(t, &list)
	if len(list.Labels) != 1 || string(list.Labels[0]) != `{"name":"`+device+`/labels/b","value":"4"}` {
		t.Errorf("%s", list.Labels)
	}
}
