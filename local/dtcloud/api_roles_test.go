package dtcloud_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Who may do what follows from the permissions of DT's roles.
func TestAPIRoles(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true, Labels: map[string]string{"floor": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.AddConnector(a.project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[string]dtcloud.ServiceAccount{
		"":                            a.addAccount(t, "", true),
		dtcloud.RoleUser:              a.addAccount(t, dtcloud.RoleUser, true),
		dtcloud.RoleDeveloper:         a.account,
		dtcloud.RoleAdmin:             a.addAccount(t, dtcloud.RoleAdmin, true),
		dtcloud.RoleOrganizationAdmin: a.addAccount(t, dtcloud.RoleOrganizationAdmin, true),
	}
	permissions := make(map[string][]string) // by role
	for _, role := range readVectors(t).Roles.Roles {
		permissions[role.Name] = role.Permissions
	}
	may := func(role, permission string) bool {
		switch role {
		case "":
			return false
		case dtcloud.RoleUser, dtcloud.RoleDeveloper:
			return slices.Contains(permissions["roles/"+role], permission)
		}
		return true
	}

	for _, test := range []struct {
		method, path, body, permission string
		allowed                        int // 0: 200
	}{
		{method: "GET", path: "/projects/p1", permission: "project.read"},
		{method: "GET", path: "/projects/p1/dataconnectors", permission: "dataconnector.read"},
		{method: "GET", path: "/" + c.Name, permission: "dataconnector.read"},
		{method: "GET", path: "/" + c.Name + ":metrics", permission: "dataconnector.read"},
		{method: "POST", path: "/" + c.Name + ":sync", permission: "dataconnector.update"},
		{method: "PATCH", path: "/" + c.Name, body: `{"displayName":"x"}`, permission: "dataconnector.update"},
		{method: "POST", path: "/projects/p1/dataconnectors", body: `{}`, permission: "dataconnector.create", allowed: 400},
		{method: "DELETE", path: "/projects/p1/dataconnectors/none", permission: "dataconnector.delete", allowed: 404},
		{method: "GET", path: "/projects/p1/devices", permission: "device.read"},
		{method: "GET", path: "/" + device, permission: "device.read"},
		{method: "GET", path: "/" + device + "/events", permission: "device.read"},
		{method: "GET", path: "/" + device + "/labels", permission: "device.read"},
		{method: "GET", path: "/" + device + "/labels/floor", permission: "device.read"},
		{method: "PATCH", path: "/" + device + "/labels/floor", body: `{"value":"1"}`, permission: "device.update"},
		{method: "POST", path: "/" + device + "/labels", body: `{"key":"floor"}`, permission: "device.update", allowed: 409},
		{method: "DELETE", path: "/" + device + "/labels/none", permission: "device.update", allowed: 404},
		{method: "POST", path: "/projects/p1/devices:batchUpdate", body: `{"devices":[]}`, permission: "device.update"},
		{method: "POST", path: "/projects/p1/devices", body: `{"type":"touch"}`, permission: "emulator.create"},
		{method: "POST", path: "/" + device + ":publish", body: `{"touch":{}}`, permission: "emulator.update"},
		{method: "PUT", path: "/" + device, body: `{"labels":{"floor":"0"}}`, permission: "emulator.update"},
		{method: "DELETE", path: "/projects/p1/devices/none", permission: "emulator.delete", allowed: 404},
	} {
		for role, account := range accounts {
			want := http.StatusForbidden
			if may(role, test.permission) {
				want = max(test.allowed, http.StatusOK)
			}
			if got := a.callAs(t, account, test.method, test.path, test.body); got.status != want {
				t.Errorf("%s %s as %q: %d %s, want %d", test.method, test.path, role, got.status, got.body, want)
			}
		}
	}
	noBasic := a.addAccount(t, dtcloud.RoleAdmin, false)
	wrong := a.account
	wrong.KeyID = "nobody"
	for name, account := range map[string]dtcloud.ServiceAccount{"without Basic auth": noBasic, "unknown": wrong} {
		if got := a.callAs(t, account, "GET", "/projects/p1", ""); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

// A role in one project is none in another, and lists leave out what one must not
// see.
func TestAPIMembership(t *testing.T) {
	a := newAPI(t, nil)
	if _, err := a.AddProject(dtcloud.ProjectSpec{ID: "p2"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/projects/p2": 403, "/projects/p2/dataconnectors": 403, "/projects/p2/devices": 403, "/projects/p3": 404} {
		if got := a.call(t, "GET", path, ""); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	var list struct{ Projects []struct{ Name string } }
	a.call(t, "GET", "/projects", "").must(t, &list)
	if len(list.Projects) != 1 || list.Projects[0].Name != "projects/p1" {
		t.Errorf("%v", list)
	}
}
