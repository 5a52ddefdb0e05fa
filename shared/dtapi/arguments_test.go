package dtapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// What cannot be right is refused before anything is sent, with what is wrong.
func TestBadArguments(t *testing.T) {
	w := &world{}
	c := w.client(t)
	ctx := t.Context()
	const bad = "projects/p/dataconnectors/c/../../x"
	for name, do := range map[string]func() error{
		"list":    func() error { return first(c.Connectors(ctx, "p/q")) },
		"get":     func() error { _, err := c.Connector(ctx, bad); return err },
		"delete":  func() error { return c.DeleteConnector(ctx, bad) },
		"sync":    func() error { return c.SyncConnector(ctx, bad) },
		"metrics": func() error { _, err := c.ConnectorMetrics(ctx, bad); return err },
		"update": func() error {
			_, err := c.UpdateConnector(ctx, bad, dtapi.Change{DisplayName: new("x")})
			return err
		},
		"create: project": func() error {
			_, err := c.CreateConnector(ctx, "", dtapi.Connector{Type: dtapi.TypeSQS})
			return err
		},
		"create: type": func() error { _, err := c.CreateConnector(ctx, "p", dtapi.Connector{}); return err },
		"create: http": func() error {
			_, err := c.CreateConnector(ctx, "p", dtapi.Connector{Type: dtapi.TypeHTTPPush})
			return err
		},
		"create: URL": func() error {
			_, err := c.CreateConnector(ctx, "p", dtapi.Connector{Type: dtapi.TypeHTTPPush, HTTP: &dtapi.HTTPConfig{}})
			return err
		},
		"device":                func() error { _, err := c.Device(ctx, "projects/p/devices/"); return err },
		"devices: none":         func() error { return first(c.Devices(ctx, dtapi.DeviceQuery{})) },
		"devices: both":         func() error { return first(c.Devices(ctx, dtapi.DeviceQuery{Project: "p", Organization: "o"})) },
		"devices: project":      func() error { return first(c.Devices(ctx, dtapi.DeviceQuery{Project: "p?"})) },
		"devices: projects":     func() error { return first(c.Devices(ctx, dtapi.DeviceQuery{Project: "p", Projects: []string{"q"}})) },
		"devices: organization": func() error { return first(c.Devices(ctx, dtapi.DeviceQuery{Organization: "o/o"})) },
		"devices: of projects": func() error {
			return first(c.Devices(ctx, dtapi.DeviceQuery{Organization: "o", Projects: []string{""}}))
		},
		"events: device": func() error { return first(c.Events(ctx, dtapi.EventQuery{})) },
		"events: page":   func() error { return first(c.Events(ctx, dtapi.EventQuery{Device: device, PageSize: 1001})) },
		"events: page<0": func() error { return first(c.Events(ctx, dtapi.EventQuery{Device: device, PageSize: -1})) },
		"events: time": func() error {
			return first(c.Events(ctx, dtapi.EventQuery{Device: device, Start: time.Unix(2, 0), End: time.Unix(1, 0)}))
		},
		"labels: none":    func() error { return c.SetLabels(ctx, dtapi.LabelChange{Devices: []dtapi.DeviceName{device}}) },
		"labels: nowhere": func() error { return c.SetLabels(ctx, dtapi.LabelChange{Remove: []string{"x"}}) },
		"labels: device": func() error {
			return c.SetLabels(ctx, dtapi.LabelChange{Devices: []dtapi.DeviceName{"d"}, Remove: []string{"x"}})
		},
		"labels: two projects": func() error {
			return c.SetLabels(ctx, dtapi.LabelChange{Devices: []dtapi.DeviceName{device, "projects/p/devices/d"}, Remove: []string{"x"}})
		},
	} {
		if err := do(); !errors.Is(err, dtapi.ErrInvalid) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(w.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// first returns the first error of a sequence, or that there was none.
func first[T any](sequence func(func(T, error) bool)) error {
	err := errors.New("the sequence is empty")
	sequence(func(_ T, e error) bool {
		err = e
		return false
	})
	return err
}

// Answers that are not what they should be are errors that say so, and are not asked
// for again.
func TestMalformedAnswers(t *testing.T) {
	for _, answer := range []string{
		``, `null`, `[]`, `"x"`, `{"name":`, `{"name":5}`, `<html>`, `{} {}`, `{"displayName":"d"}`,
		`{"name":"n","events":"touch"}`, `{"name":"n","labels":[1]}`, `{"name":"n","status":{}}`,
		`{"name":"n","type":"HTTP_PUSH","httpConfig":[]}`, `{"name":"n","type":"HTTP_PUSH","httpConfig":{"headers":{"a":{}}}}`,
		`{"name":"n","type":"HTTP_PUSH","httpConfig":{"url":true}}`, "{\"name\":\"n\",}", strings.Repeat("[", 20000),
		`{"name":"` + strings.Repeat("n", 1<<20) + `"}`,
	} {
		w := &world{api: always(answer)}
		_, err := w.client(t).Connector(t.Context(), connector)
		if !errors.Is(err, dtapi.ErrMalformed) || len(w.seen()) != 1 || !strings.Contains(err.Error(), string(connector)) {
			t.Errorf("%.40s: %v after %d requests", answer, err, len(w.seen()))
		}
	}
	for _, answer := range []string{`{"dataConnectors":{}}`, `{"dataConnectors":[5]}`, `{"dataConnectors":[{"name":5}]}`, `{"nextPageToken":5}`, `[]`} {
		w := &world{api: always(answer)}
		if err := first(w.client(t).Connectors(t.Context(), project)); !errors.Is(err, dtapi.ErrMalformed) || !strings.Contains(err.Error(), "GET /projects/"+project+"/dataconnectors") {
			t.Errorf("%s: %v", answer, err)
		}
	}
	for _, answer := range []string{`{"metrics":5}`, `{"metrics":{"successCount":1.5}}`, `{"metrics":{"latency99p":"fast"}}`, `{"metrics":{"latency99p":5}}`, `{"metrics":{"errorCount":"x"}}`} {
		w := &world{api: always(answer)}
		if _, err := w.client(t).ConnectorMetrics(t.Context(), connector); !errors.Is(err, dtapi.ErrMalformed) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
