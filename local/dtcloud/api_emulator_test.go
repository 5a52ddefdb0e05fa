package dtcloud_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// DT's samples of the emulator's API, which is below a path of its own, too.
func TestAPIEmulator(t *testing.T) {
	v := readVectors(t).Emulator
	var like map[string]any
	if err := json.Unmarshal(v.CreateResponse, &like); err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, nil)
	for _, prefix := range []string{dtcloud.APIPath, "/emulator" + dtcloud.APIPath} {
		call := func(method, path, body string) apiAnswer {
			t.Helper()
			return a.callBelow(t, prefix, a.account, method, path, body)
		}
		var made map[string]any
		call("POST", "/projects/p1/devices", string(v.CreateRequest)).must(t, &made)
		for member := range like {
			if made[member] == nil {
				t.Errorf("no %s: %v", member, made)
			}
		}
		name := made["name"].(string)
		if !strings.HasPrefix(name, "projects/p1/devices/emu") {
			t.Errorf("%s", name)
		}
		wantLabels(t, made, map[string]any{"name": "my-emulated-sensor", "group-number": "99", "virtual-sensor": ""})
		call("POST", "/"+name+":publish", string(v.PublishRequest)).must(t, new(any))
		call("POST", "/"+name+":publish", string(v.PublishTouch)).must(t, new(any))
		if ids, _ := a.history(t, name, "", nil); len(ids) != 2 {
			t.Errorf("%d events", len(ids))
		}

		// So does the Terraform provider change one.
		var changed map[string]any
		call("PUT", "/"+name, `{"name":"`+name+`","type":"temperature","labels":{"name":"other","new":"1"}}`).must(t, &changed)
		wantLabels(t, changed, map[string]any{"name": "other", "new": "1", "virtual-sensor": ""})
		call("PUT", "/"+name, `{"labels":null}`).must(t, &changed)
		wantLabels(t, changed, map[string]any{"virtual-sensor": ""})
		for _, body := range []string{`{"type":"touch"}`, `{"labels":{"":"x"}}`, `[]`, ``} {
			if got := call("PUT", "/"+name, body); got.status != 400 {
				t.Errorf("PUT %s: %d %s", body, got.status, got.body)
			}
		}
		for _, body := range []string{``, `{}`, `{"touch":{},"temperature":{}}`, `{"labelsChanged":{}}`, `{"touch":1}`} {
			if got := call("POST", "/"+name+":publish", body); got.status != 400 {
				t.Errorf("publish %s: %d %s", body, got.status, got.body)
			}
		}
		if got := call("DELETE", "/"+name, ""); got.status != 200 || got.body != "{}" {
			t.Errorf("%d %s", got.status, got.body)
		}
		for _, gone := range []apiAnswer{call("GET", "/"+name, ""), call("DELETE", "/"+name, ""), call("POST", "/"+name+":publish", `{"touch":{}}`)} {
			if gone.status != 404 {
				t.Errorf("after deletion: %d %s", gone.status, gone.body)
			}
		}
	}
}

func wantLabels(t *testing.T, device, want map[string]any) {
	t.Helper()
	if got := device["labels"].(map[string]any); !maps.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}

// kindOf tells objects, arrays, texts, numbers, booleans and what is missing apart.
func kindOf(value json.RawMessage) string {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return "missing"
	}
	return fmt.Sprintf("%T", v)
}

// DT's samples of lists: ours have their members.
func TestAPIShapes(t *testing.T) {
	v := readVectors(t)
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	a.call(t, "POST", "/"+device+":publish", `{"touch":{}}`).must(t, new(any))
	for _, test := range []struct {
		path, member string
		sample       map[string]json.RawMessage
	}{
		{"/projects", "projects", v.Projects}, {"/projects/p1/devices", "devices", v.Devices}, {"/" + device + "/events", "events", v.EventHistory},
	} {
		var got map[string]json.RawMessage
		a.call(t, "GET", test.path, "").must(t, &got)
		first := func(list map[string]json.RawMessage) map[string]json.RawMessage {
			t.Helper()
			var entries []map[string]json.RawMessage
			if err := json.Unmarshal(list[test.member], &entries); err != nil || len(entries) == 0 {
				t.Fatalf("%s: %s: %v", test.path, list[test.member], err)
			}
			return entries[0]
		}
		entry := first(got)
		for member, sample := range first(test.sample) {
			if kindOf(entry[member]) != kindOf(sample) {
				t.Errorf("%s: %s is %s, want as in %s", test.path, member, entry[member], sample)
			}
		}
		if string(got["nextPageToken"]) != `""` {
			t.Errorf("%s: next page %s", test.path, got["nextPageToken"])
		}
	}
	var wrong, like any
	if err := json.Unmarshal([]byte(a.call(t, "GET", "/projects/none", "").body), &wrong); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(v.ErrorBody, &like); err != nil {
		t.Fatal(err)
	}
	if shapeOf(wrong) != shapeOf(like) {
		t.Errorf("%v, want as in %v", wrong, like)
	}
}
