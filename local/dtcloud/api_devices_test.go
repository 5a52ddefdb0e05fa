package dtcloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

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
	// DT's Python client writes this for any value.
	if ids, _ := list("/projects/p1/devices?label_filters=n="); len(ids) != 230 {
		t.Errorf("%d with a label of any value", len(ids))
	}
	if ids, _ := list("/projects/p1/devices?label_filters=n&label_filters=none"); len(ids) != 0 {
		t.Errorf("%d with a label that there is not", len(ids))
	}
	if ids, _ := list("/projects/p1/devices?query=D00"); len(ids) != 10 {
		t.Errorf("%d by a part of the id", len(ids))
	}
	if ids, _ := list("/projects/-/devices?projects=projects/p2&organization=organizations/" + a.Organization()); len(ids) != 0 {
		t.Errorf("%d of a project that cannot be seen", len(ids))
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
	a.call(t, "GET", "/"+device+"/labels/c", "").must(t, &label)
	if label.Name != device+"/labels/c" || label.Value != "3" {
		t.Errorf("%+v", label)
	}
	if got := a.call(t, "POST", "/"+device+"/labels", `{"key":"c","value":"4"}`); got.status != http.StatusConflict {
		t.Errorf("the same label again: %d", got.status)
	}
	var wrong struct{ BatchErrors []any }
	a.call(t, "POST", "/projects/p1/devices:batchUpdate", `{"devices":["projects/p1/devices/d","projects/p2/devices/d"],"addLabels":{"":"x"}}`).must(t, &wrong)
	var like struct{ BatchErrors []any }
	if err := json.Unmarshal(readVectors(t).BatchLabels, &like); err != nil {
		t.Fatal(err)
	}
	if len(wrong.BatchErrors) != 2 || shapeOf(wrong.BatchErrors) != shapeOf(like.BatchErrors) {
		t.Errorf("%v, want as in %v", wrong, like)
	}
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
