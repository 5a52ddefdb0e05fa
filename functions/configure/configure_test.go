package configure_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/configure"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const (
	oldSecret = "0ld-MARK-s3cr3t-0123456789"
	newSecret = "n3w-MARK-s3cr3t-0123456789"
)

func ptr[T any](v T) *T { return &v }

// whole wants another value of everything that a connector has.
func whole() dtapi.Change {
	return dtapi.Change{
		DisplayName: ptr("Cold chain"), Status: ptr(dtapi.StatusUserDisabled),
		Events: ptr([]string{"touch", "temperature"}), Labels: ptr([]string{"name", "floor"}),
		URL: ptr("https://new.example/?key=" + newSecret), SignatureSecret: ptr(secret.New(newSecret)),
		Headers: ptr(map[string]secret.Text{"x-key": secret.New(newSecret), "X-Same": secret.New("same")}),
	}
}

func patches(requests []string) int {
	return len(slices.DeleteFunc(requests, func(r string) bool { return !strings.HasPrefix(r, "PATCH ") }))
}

func run(t *testing.T, w *dtcloudtest.World, c configure.Config) (configure.Report, error) {
	t.Helper()
	c.Client = w.Client(t, nil)
	f, err := configure.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f.Run(t.Context())
}

// Everything can be configured; the second run finds nothing to do and sends no
// PATCH; no report shows a secret.
func TestRunTwice(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	name := w.Connector(t, dtcloud.Connector{
		DisplayName: "old", Events: []string{"co2"},
		HTTPConfig: dtcloud.HTTPConfig{URL: "https://old.example/?key=" + oldSecret, SignatureSecret: oldSecret,
			Headers: map[string]string{"X-Key": oldSecret, "X-Gone": oldSecret, "x-same": "same"}},
	})
	config := configure.Config{
		Connectors: []dtapi.ConnectorName{name},
		Wanted:     map[dtapi.ConnectorName]dtapi.Change{name: whole()},
	}

	dry := config
	dry.DryRun = true
	planned, err := run(t, w, dry)
	if err != nil || patches(w.Requests()) != 0 || planned.Connectors[0].Changed {
		t.Fatalf("dry run: %v, %+v", err, planned)
	}
	first, err := run(t, w, config)
	if err != nil || patches(w.Requests()) != 1 || !first.Connectors[0].Changed {
		t.Fatalf("first run: %v, %+v", err, first)
	}
	second, err := run(t, w, config)
	if err != nil || patches(w.Requests()) != 0 || second.Connectors[0].Changed || len(second.Connectors[0].Differences) != 0 {
		t.Fatalf("second run: %v, %+v", err, second)
	}

	is, err := w.Cloud.Connector(string(name))
	if err != nil {
		t.Fatal(err)
	}
	if is.DisplayName != "Cold chain" || is.Status != dtcloud.StatusUserDisabled || is.HTTPConfig.SignatureSecret != newSecret ||
		is.HTTPConfig.Headers["x-key"] != newSecret || len(is.HTTPConfig.Headers) != 2 {
		t.Errorf("the connector is %+v", is)
	}
	want := []configure.Difference{
		{"displayName", "old", "Cold chain"},
		{"status", "ACTIVE", "USER_DISABLED"},
		{"events", "co2", "temperature, touch"},
		{"labels", "none", "floor, name"},
		{"httpConfig.url", "https://old.example/?key=[redacted]", "https://new.example/?key=[redacted]"},
		{"httpConfig.signatureSecret", "the present secret", "another secret"},
		{"httpConfig.headers", "X-Gone, X-Key, X-Same", "X-Key (another value), X-Same"},
	}
	if !slices.Equal(planned.Connectors[0].Differences, want) || !slices.Equal(first.Connectors[0].Differences, want) {
		t.Errorf("differences\n%q\nwant\n%q", first.Connectors[0].Differences, want)
	}
	for _, report := range []configure.Report{planned, first, second} {
		shown, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{oldSecret, newSecret} {
			secrettest.CheckHidden(t, "the report", string(shown)+fmt.Sprintf("%+v %#v", report, report), s)
		}
	}
}

// Neither order nor the case of headers is a difference, and what is not wanted is
// not looked at.
func TestRunFindsNoDifference(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	name := w.Connector(t, dtcloud.Connector{
		Events: []string{"touch", "co2"}, Labels: []string{"b", "a"},
		HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/", SignatureSecret: oldSecret, Headers: map[string]string{"x-a": "1"}},
	})
	report, err := run(t, w, configure.Config{Connectors: []dtapi.ConnectorName{name}, Wanted: map[dtapi.ConnectorName]dtapi.Change{name: {
		Events: ptr([]string{"co2", "touch"}), Labels: ptr([]string{"a", "b"}), Headers: ptr(map[string]secret.Text{"X-A": secret.New("1")}),
	}}})
	if err != nil || len(report.Connectors[0].Differences) != 0 || patches(w.Requests()) != 0 {
		t.Errorf("%v, %+v", err, report)
	}
}

// One that fails does not stop the others, and the message says which and why.
func TestRunGoesOn(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	good := w.Connector(t, dtcloud.Connector{})
	gone := dtapi.ConnectorName("projects/p1/dataconnectors/gone")
	queue := w.Connector(t, dtcloud.Connector{Type: "AWS_SQS", OtherConfig: []byte(`{"queueUrl":"https://q"}`)})
	other, err := w.AddProject(dtcloud.ProjectSpec{ID: "p2"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.AddConnector(other, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	hidden := dtapi.ConnectorName(c.Name)
	names := []dtapi.ConnectorName{gone, queue, hidden, good}
	wanted := make(map[dtapi.ConnectorName]dtapi.Change)
	for _, name := range names {
		wanted[name] = dtapi.Change{URL: ptr("https://n.example/")}
	}
	report, err := run(t, w, configure.Config{Connectors: names, Wanted: wanted})
	for _, want := range []error{dtapi.ErrNotFound, configure.ErrType, dtapi.ErrForbidden} {
		if !errors.Is(err, want) {
			t.Errorf("error %v has no %v", err, want)
		}
	}
	for i, name := range names {
		if r := report.Connectors[i]; (r.Error == "") != (name == good) || r.Changed != (name == good) {
			t.Errorf("%+v", r)
		}
		if strings.Contains(err.Error(), string(name)) != (name != good) {
			t.Errorf("the error names %s wrongly: %v", name, err)
		}
	}
	if !strings.Contains(err.Error(), "of type AWS_SQS") || !strings.Contains(err.Error(), "project.developer") && !strings.Contains(err.Error(), "project.user") {
		t.Errorf("the remedies are missing: %v", err)
	}
	// What every type has can be configured all the same.
	report, err = run(t, w, configure.Config{Connectors: []dtapi.ConnectorName{queue}, Wanted: map[dtapi.ConnectorName]dtapi.Change{queue: {DisplayName: ptr("Queue")}}})
	if err != nil || !report.Connectors[0].Changed {
		t.Errorf("%v, %+v", err, report)
	}
	if is, err := w.Cloud.Connector(string(queue)); err != nil || string(is.OtherConfig) != `{"queueUrl":"https://q"}` {
		t.Errorf("%+v, %v", is, err)
	}
}

func TestNew(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	client := w.Client(t, nil)
	for _, c := range []configure.Config{{}, {Client: client}, {Client: client, Connectors: []dtapi.ConnectorName{"projects/p/dataconnectors/c"}}} {
		if _, err := configure.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
