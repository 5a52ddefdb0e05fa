package dtcloud_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

func TestAddConnectorDefaults(t *testing.T) {
	w := newWorld(t, nil)
	got, err := w.AddConnector(w.project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://example.com/endpoint"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Name, w.project+"/dataconnectors/") || len(got.Name) != len(w.project)+len("/dataconnectors/")+20 {
		t.Errorf("name %q", got.Name)
	}
	want := dtcloud.Connector{
		Name: got.Name, Type: dtcloud.TypeHTTPPush, Status: dtcloud.StatusActive,
		Events: []string{}, Labels: []string{},
		HTTPConfig: dtcloud.HTTPConfig{URL: "https://example.com/endpoint", Headers: map[string]string{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if same, err := w.Connector(got.Name); err != nil || !reflect.DeepEqual(same, want) {
		t.Errorf("got %+v, %v", same, err)
	}
	text, err := json.Marshal(got)
	const wire = `"displayName":"","type":"HTTP_PUSH","status":"ACTIVE","events":[],"labels":[],"httpConfig":{"url":"https://example.com/endpoint","signatureSecret":"","headers":{}}}`
	if err != nil || !strings.HasSuffix(string(text), wire) {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}

func TestBadConnectors(t *testing.T) {
	base := dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://example.com/"}}
	tests := []struct {
		name   string
		change func(*dtcloud.Connector)
		want   string // in the error
	}{
		{"plain http", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "http://example.com/?code=hunter2" }, "use https, or a receiver on this machine"},
		{"loopback lookalike", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "http://localhost.example.com" }, "use https"},
		{"no url", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "" }, "httpConfig.url"},
		{"no host", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "https:///x" }, "httpConfig.url"},
		{"other scheme", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "ftp://example.com" }, `scheme "ftp"`},
		{"not a url", func(c *dtcloud.Connector) { c.HTTPConfig.URL = "https://hunter2:%zz@x" }, "not a URL"},
		{"type", func(c *dtcloud.Connector) { c.Type = "PIGEON" }, "type"},
		{"status", func(c *dtcloud.Connector) { c.Status = "ON" }, "status"},
		{"system status", func(c *dtcloud.Connector) { c.Status = dtcloud.StatusSystemDisabled }, "status"},
		{"event", func(c *dtcloud.Connector) { c.Events = []string{"touch", ""} }, "events"},
		{"label", func(c *dtcloud.Connector) { c.Labels = []string{""} }, "labels"},
		{"header name", func(c *dtcloud.Connector) { c.HTTPConfig.Headers = map[string]string{"a b": "x"} }, "httpConfig.headers"},
		{"header value", func(c *dtcloud.Connector) { c.HTTPConfig.Headers = map[string]string{"a": "hunter2\r\nx"} }, "httpConfig.headers"},
		{"signature header", func(c *dtcloud.Connector) { c.HTTPConfig.Headers = map[string]string{"x-dt-signature": "hunter2"} }, "x-dt-signature"},
		{"host header", func(c *dtcloud.Connector) { c.HTTPConfig.Headers = map[string]string{"Host": "hunter2"} }, "Host"},
		{"name", func(c *dtcloud.Connector) { c.Name = "projects/other/dataconnectors/c" }, "name"},
		{"name with slash", func(c *dtcloud.Connector) { c.Name += "/x" }, "name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, nil)
			spec := base
			if test.name == "name with slash" {
				spec.Name = w.connector
			}
			test.change(&spec)
			_, err := w.AddConnector(w.project, spec)
			check := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, dtcloud.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: %v, want %q", what, err, test.want)
				} else if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%s: the error tells a secret: %v", what, err)
				}
			}
			check("add", err)
			before, errBefore := w.Connector(w.connector)
			_, err = w.UpdateConnector(w.connector, test.change)
			check("update", err)
			after, errAfter := w.Connector(w.connector)
			if errBefore != nil || errAfter != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("the connector was changed all the same: %v", after)
			}
		})
	}
}

func TestLoopbackMayBePlain(t *testing.T) {
	w := newWorld(t, nil)
	for _, url := range []string{"http://localhost:8080/", "http://127.0.0.1", "http://[::1]:1/x", "http://127.9.9.9/x"} {
		w.addConnector(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: url}})
	}
}

func TestTenConnectorsAtMost(t *testing.T) {
	w := newWorld(t, nil)
	for range 9 {
		w.addConnector(t, dtcloud.Connector{})
	}
	_, err := w.AddConnector(w.project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://example.com"}})
	if !errors.Is(err, dtcloud.ErrInvalid) {
		t.Errorf("the eleventh: %v", err)
	}
}

func TestNamesOfOnesOwn(t *testing.T) {
	w := newWorld(t, nil)
	project, err := w.AddProject(dtcloud.ProjectSpec{ID: "p1"})
	if err != nil || project != "projects/p1" {
		t.Fatalf("%q, %v", project, err)
	}
	device, err := w.AddDevice(project, dtcloud.DeviceSpec{ID: "d1", Type: "co2"})
	if err != nil || device != "projects/p1/devices/d1" {
		t.Errorf("%q, %v", device, err)
	}
	spec := dtcloud.Connector{Name: project + "/dataconnectors/c1", HTTPConfig: dtcloud.HTTPConfig{URL: "https://example.com"}}
	connector, err := w.AddConnector(project, spec)
	if err != nil || connector.Name != spec.Name {
		t.Errorf("%q, %v", connector.Name, err)
	}
	for what, err := range map[string]error{
		"project":   second(w.AddProject(dtcloud.ProjectSpec{ID: "p1"})),
		"device":    second(w.AddDevice(project, dtcloud.DeviceSpec{ID: "d1", Type: "co2"})),
		"connector": second(w.AddConnector(project, spec)),
		"bad id":    second(w.AddProject(dtcloud.ProjectSpec{ID: "a/b"})),
		"long id":   second(w.AddDevice(project, dtcloud.DeviceSpec{ID: strings.Repeat("x", 65), Type: "co2"})),
		"type":      second(w.AddDevice(project, dtcloud.DeviceSpec{Type: "toaster"})),
	} {
		if !errors.Is(err, dtcloud.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestNotFound(t *testing.T) {
	w := newWorld(t, nil)
	for what, err := range map[string]error{
		"AddDevice":       second(w.AddDevice("projects/x", dtcloud.DeviceSpec{Type: "touch"})),
		"AddConnector":    second(w.AddConnector("projects/x", dtcloud.Connector{})),
		"Connector":       second(w.Connector("x")),
		"UpdateConnector": second(w.UpdateConnector("x", func(*dtcloud.Connector) {})),
		"SetStatus":       w.SetStatus("x", dtcloud.StatusActive),
		"ConnectorStats":  second(w.ConnectorStats("x")),
		"Metrics":         second(w.Metrics("x")),
		"Devices":         second(w.Devices("x")),
		"History":         second(w.History("x")),
		"SetLabels":       w.SetLabels("x", nil),
		"Publish":         second(w.Publish("x", "touch", []byte("{}"))),
		"Inject":          second(w.Inject(dtcloud.Event{Device: "x", Type: "touch"})),
	} {
		if !errors.Is(err, dtcloud.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestUpdateConnector(t *testing.T) {
	w := newWorld(t, nil)
	labels := []string{"name"}
	got, err := w.UpdateConnector(w.connector, func(c *dtcloud.Connector) {
		c.DisplayName, c.Labels = "Renamed", labels
	})
	if err != nil || got.DisplayName != "Renamed" || got.Labels[0] != "name" {
		t.Errorf("%+v, %v", got, err)
	}
	// What was handed over and what was returned are no ways into the cloud.
	labels[0], got.Labels[0] = "changed", "changed"
	if got, err := w.Connector(w.connector); err != nil || got.Labels[0] != "name" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, change := range map[string]func(*dtcloud.Connector){
		"name": func(c *dtcloud.Connector) { c.Name += "x" },
		"type": func(c *dtcloud.Connector) { c.Type = "PIGEON" },
	} {
		if _, err := w.UpdateConnector(w.connector, change); !errors.Is(err, dtcloud.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However a connector is printed or logged, nothing secret shows.
func TestNothingSecretIsPrinted(t *testing.T) {
	c := dtcloud.Connector{Name: "projects/p/dataconnectors/c", HTTPConfig: dtcloud.HTTPConfig{
		URL:             "https://user:hunter2@example.com/events?code=hunter2",
		SignatureSecret: "hunter2",
		Headers:         map[string]string{"Authorization": "Bearer hunter2"},
	}}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		logger := slog.New(handler)
		logger.Info("connector", "value", c, "pointer", &c, "http", c.HTTPConfig)
	}
	for _, text := range []string{
		fmt.Sprint(c), fmt.Sprint(&c), fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s", c),
		fmt.Sprintf("%+v", []dtcloud.Connector{c}), fmt.Sprintf("%#v", c.HTTPConfig), c.HTTPConfig.String(), log.String(),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("secret in %s", text)
		}
		if !strings.Contains(text, "https://example.com/events") || !strings.Contains(text, "Authorization") {
			t.Errorf("nothing useful in %s", text)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for name, config := range map[string]dtcloud.Config{
		"AnswerTimeout": {AnswerTimeout: -1},
		"Concurrency":   {Concurrency: -1},
		"HistoryLimit":  {HistoryLimit: -1},
		"KeyGrace":      {KeyGrace: -1},
		"Retry":         {Retry: dtcloud.Backoff{First: -1}},
		"Faults":        {Faults: dtcloud.Faults{Duplicate: 3}},
		"BaseURL":       {BaseURL: "http://example.com"},
		"Organization":  {Organization: "a b"},
	} {
		if _, err := dtcloud.New(config); !errors.Is(err, dtcloud.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
