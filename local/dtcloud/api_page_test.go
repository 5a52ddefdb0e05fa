package dtcloud_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
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

// A list goes on where it was, whatever is added or deleted between two pages.
func TestAPIPagesWhileThingsChange(t *testing.T) {
	a := newAPI(t, nil)
	add := func(id string) {
		if _, err := a.AddDevice(a.project, dtcloud.DeviceSpec{ID: id, Type: event.DeviceTouch, Emulated: true}); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for i := range 9 {
		// Their ids are not in the order of adding.
		id := fmt.Sprint("d", (i*4)%9)
		add(id)
		want = append(want, "projects/p1/devices/"+id)
	}
	var got []string
	token := ""
	for n := 0; ; n++ {
		var p struct {
			Devices       []dtcloud.Device
			NextPageToken string
		}
		a.call(t, "GET", "/projects/p1/devices?page_size=3&page_token="+token, "").must(t, &p)
		for _, d := range p.Devices {
			got = append(got, d.Name)
		}
		if token = p.NextPageToken; token == "" {
			break
		}
		// What was listed last, and what was listed first, go.
		for _, d := range []dtcloud.Device{p.Devices[0], p.Devices[len(p.Devices)-1]} {
			a.call(t, "DELETE", "/"+d.Name, "").must(t, new(any))
		}
		if n == 0 {
			add("later")
			want = append(want, "projects/p1/devices/later")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

// The lists of connectors, projects and labels have pages too, in both spellings.
func TestAPIPagesOfOthers(t *testing.T) {
	a := newAPI(t, nil)
	if _, err := a.AddDevice(a.project, dtcloud.DeviceSpec{ID: "d", Type: event.DeviceTouch, Labels: map[string]string{"a": "", "b": "", "c": "", "d": ""}}); err != nil {
		t.Fatal(err)
	}
	roles := make(map[string]string)
	for range 4 {
		if _, err := a.AddConnector(a.project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}}); err != nil {
			t.Fatal(err)
		}
		project, err := a.AddProject(dtcloud.ProjectSpec{})
		if err != nil {
			t.Fatal(err)
		}
		roles[project] = dtcloud.RoleUser
	}
	a.account = a.addAccount(t, dtcloud.RoleUser, true)
	reader, err := a.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: roles, BasicAuth: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, member string
		account      dtcloud.ServiceAccount
	}{
		{"/projects/p1/dataconnectors", "dataConnectors", a.account},
		{"/projects/p1/devices/d/labels", "labels", a.account},
		{"/projects", "projects", reader},
	} {
		for _, spelling := range []string{"page_size=3&page_token=", "pageSize=3&pageToken="} {
			var sizes []int
			names := make(map[string]bool)
			token := ""
			for {
				var p map[string]json.RawMessage
				a.callAs(t, test.account, "GET", test.path+"?"+spelling+token, "").must(t, &p)
				var part []struct{ Name string }
				if err := json.Unmarshal(p[test.member], &part); err != nil {
					t.Fatal(err)
				}
				for _, entry := range part {
					names[entry.Name] = true
				}
				sizes = append(sizes, len(part))
				if err := json.Unmarshal(p["nextPageToken"], &token); err != nil {
					t.Fatal(err)
				}
				if token == "" {
					break
				}
			}
			if !slices.Equal(sizes, []int{3, 1}) || len(names) != 4 {
				t.Errorf("%s %s: pages of %v, %d names", test.path, spelling, sizes, len(names))
			}
		}
	}
}

// FuzzAPIPageToken: a token that nobody gave out is refused, or leads to a part of
// the list.
func FuzzAPIPageToken(f *testing.F) {
	token := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, text := range []string{"", "list ", "history ", "list 0000000000000002", "history 2026-11-01T07:00:00Z e1", "history 0001-01-01T00:00:00Z", "history 9999-12-31T23:59:59Z x", "other"} {
		f.Add(token(text), "2")
	}
	f.Add("!", "x")
	f.Add("", "-1")
	f.Add("", "00")
	f.Add("", "99999999999999999999")
	cloud, err := dtcloud.New(dtcloud.Config{
		Clock: dtcloud.NewVirtualClock(start), Seed: 1, APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)},
	})
	if err != nil {
		f.Fatal(err)
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		f.Fatal(err)
	}
	var device string
	for range 5 {
		if device, err = cloud.AddDevice(project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true}); err != nil {
			f.Fatal(err)
		}
	}
	for i := range 5 {
		if _, err := cloud.Inject(dtcloud.Event{Device: device, Type: event.TypeTouch, ID: fmt.Sprint("e", i), Time: start.Add(-time.Duration(i/2) * time.Minute)}); err != nil {
			f.Fatal(err)
		}
	}
	account, err := cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{project: dtcloud.RoleUser}, BasicAuth: true})
	if err != nil {
		f.Fatal(err)
	}
	handler := cloud.Handler()
	f.Fuzz(func(t *testing.T, token, size string) {
		query := url.Values{"page_token": {token}, "page_size": {size}}
		for _, path := range []string{"/" + project + "/devices", "/" + device + "/events", "/" + device + "/labels", "/projects"} {
			r := httptest.NewRequest(http.MethodGet, dtcloud.APIPath+path, nil)
			r.URL.RawQuery = query.Encode()
			r.SetBasicAuth(account.KeyID, account.Secret.Reveal())
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			switch answer.Code {
			case http.StatusBadRequest:
				continue
			case http.StatusOK:
			default:
				t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal(answer.Body.Bytes(), &members); err != nil {
				t.Fatal(err)
			}
			member := path[strings.LastIndexByte(path, '/')+1:]
			var part []json.RawMessage
			if err := json.Unmarshal(members[member], &part); err != nil || part == nil || len(part) > 5 {
				t.Errorf("%s: %d entries, %v: %s", path, len(part), err, answer.Body)
			}
		}
	})
}
