package dtapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func TestParseConnectorName(t *testing.T) {
	long := strings.Repeat("a1", 40)
	for text, want := range map[string]dtapi.ConnectorName{
		"projects/p/dataconnectors/c":                  "projects/p/dataconnectors/c",
		"projects/p/dataConnectors/c":                  "projects/p/dataconnectors/c",
		"projects/p/data_connectors/c":                 "projects/p/dataconnectors/c",
		"projects/" + long + "/dataconnectors/" + long: dtapi.ConnectorName("projects/" + long + "/dataconnectors/" + long),
		"projects/A-b_9/dataconnectors/x":              "projects/A-b_9/dataconnectors/x",
		"":                                             "", "c": "", "projects/p": "", "projects/p/devices/c": "",
		"/projects/p/dataconnectors/c": "", "projects/p/dataconnectors/c/": "",
		"projects//dataconnectors/c": "", "projects/p/dataconnectors/": "",
		"projects/p/dataconnectors/c:sync": "", "projects/p/dataconnectors/..": "",
		"projects/p/dataconnectors/c?x=1": "", "projects/p/dataconnectors/c%2f": "",
		"projects/-/dataconnectors/c": "", " projects/p/dataconnectors/c": "",
		"organizations/p/dataconnectors/c": "", "projects/p/dataconnectors/c\n": "",
		"projects/é/dataconnectors/c": "",
	} {
		got, err := dtapi.ParseConnectorName(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
		if err != nil && (!errors.Is(err, dtapi.ErrInvalid) || !strings.Contains(err.Error(), "want projects/PROJECT/dataconnectors/CONNECTOR")) {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && "projects/"+got.Project()+"/dataconnectors/"+got.ID() != string(got) {
			t.Errorf("%q: project %q, id %q", text, got.Project(), got.ID())
		}
	}
	if n := dtapi.ConnectorName("projects/p"); n.Project() != "" || n.ID() != "" {
		t.Errorf("%q has the parts %q and %q", n, n.Project(), n.ID())
	}
}

func TestParseDeviceName(t *testing.T) {
	for text, want := range map[string]dtapi.DeviceName{
		"projects/p/devices/d": "projects/p/devices/d",
		"projects/-/devices/d": "projects/-/devices/d",
		string(device):         device,
		"projects/p/devices/":  "", "projects/p/dataconnectors/d": "", "devices/d": "", "": "",
		"projects/p/devices/d/events": "", "projects/p/devices/d:publish": "",
	} {
		got, err := dtapi.ParseDeviceName(text)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, dtapi.ErrInvalid) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
	if device.Project() != project || device.ID() != "emuc109fhppdqebrvv2jqug" {
		t.Errorf("got %q, %q", device.Project(), device.ID())
	}
}

func TestParseProject(t *testing.T) {
	for text, want := range map[string]string{
		"p": "p", "projects/p": "p", "projects/": "", "": "", "projects/p/": "", "projects/p/q": "", "a b": "", "p?": "", "projects": "projects",
	} {
		got, err := dtapi.ParseProject(text)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, dtapi.ErrInvalid) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}
