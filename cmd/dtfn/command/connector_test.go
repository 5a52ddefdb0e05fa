package command_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const connectorSecret = "s3cr3t-MARK-of-the-connector"

// An apiScene is a simulated cloud and the environment with which dtfn uses it.
type apiScene struct {
	*dtcloudtest.World
	env []string
}

func newAPIScene(t *testing.T) *apiScene {
	t.Helper()
	s := &apiScene{World: dtcloudtest.New(t, nil)}
	for name, value := range s.Environment() {
		s.env = append(s.env, name+"="+value)
	}
	return s
}

// dtfn runs dtfn by the cloud's clock.
func (s *apiScene) dtfn(t *testing.T, stdin string, env []string, args ...string) result {
	t.Helper()
	got := call{args: args, env: append(append([]string{}, s.env...), env...), stdin: stdin, now: s.Clock().Now()}.run(context.Background())
	for _, text := range []string{got.stdout, got.stderr} {
		secrettest.CheckHidden(t, "dtfn "+strings.Join(args, " "), text, connectorSecret)
		secrettest.CheckHidden(t, "dtfn "+strings.Join(args, " "), text, s.Account.Secret.Reveal())
	}
	return got
}

func (s *apiScene) is(t *testing.T, name string) dtcloud.Connector {
	t.Helper()
	c, err := s.Cloud.Connector(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The life of a connector, from its making to its end.
func TestConnector(t *testing.T) {
	s := newAPIScene(t)
	signed := []string{"DT_SIGNATURE_SECRET=" + connectorSecret}
	got := s.dtfn(t, "", signed, "connector", "create", "p1", "--url", "https://r.example/?key="+connectorSecret,
		"--events", "touch,co2", "--labels", "name,floor", "--header", "X-Key: "+connectorSecret, "--json")
	var c struct {
		Name, Status string
		HTTPConfig   struct {
			URL                string
			HasSignatureSecret bool
			HeaderNames        []string
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &c); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if c.Status != "ACTIVE" || !c.HTTPConfig.HasSignatureSecret || len(c.HTTPConfig.HeaderNames) != 1 || strings.Contains(c.HTTPConfig.URL, "MARK") {
		t.Errorf("created %+v", c)
	}
	if is := s.is(t, c.Name); is.HTTPConfig.SignatureSecret != connectorSecret || is.HTTPConfig.Headers["X-Key"] != connectorSecret || len(is.Events) != 2 {
		t.Errorf("the cloud has %+v", is)
	}
	expect := func(code int, text string, got result) {
		t.Helper()
		if got.code != code || !strings.Contains(got.stdout+got.stderr, text) {
			t.Errorf("code %d, want %d with %q:\n%s%s", got.code, code, text, got.stdout, got.stderr)
		}
	}
	expect(0, c.Name+"  ACTIVE", s.dtfn(t, "", nil, "connector", "list", "projects/p1"))
	expect(0, `"name":"`+c.Name+`"`, s.dtfn(t, "", nil, "connector", "list", "projects/p1", "--json"))
	expect(0, "touch, co2", s.dtfn(t, "", nil, "connector", "get", c.Name))
	expect(0, "answered with 200  0", s.dtfn(t, "", nil, "connector", "metrics", c.Name))
	expect(0, `"successCount":0`, s.dtfn(t, "", nil, "connector", "metrics", c.Name, "--json"))
	expect(0, c.Name+": synced", s.dtfn(t, "", nil, "connector", "sync", c.Name))

	const config = `{"events":["touch"],"httpConfig":{"headers":{}}}`
	expect(0, "would be changed", s.dtfn(t, config, nil, "connector", "diff", c.Name, "--config", "-"))
	if is := s.is(t, c.Name); len(is.Events) != 2 {
		t.Error("diff has changed the connector")
	}
	expect(0, "  - co2, touch\n  + touch\n", s.dtfn(t, config, nil, "connector", "apply", c.Name, "--config", "-"))
	expect(0, "as wanted, nothing to change", s.dtfn(t, config, nil, "connector", "apply", c.Name, "--config", "-"))
	expect(0, `"changed":false`, s.dtfn(t, config, nil, "connector", "apply", c.Name, "--config", "-", "--json"))
	if is := s.is(t, c.Name); len(is.Events) != 1 || len(is.HTTPConfig.Headers) != 0 || is.HTTPConfig.SignatureSecret != connectorSecret {
		t.Errorf("the cloud has %+v", is)
	}

	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("an0ther-MARK-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(2, "add --yes", s.dtfn(t, "", nil, "connector", "rotate-secret", c.Name, "--secret-file", file))
	expect(0, "signs with the new secret", s.dtfn(t, "", nil, "connector", "rotate-secret", c.Name, "--secret-file", file, "--yes"))
	expect(0, "unchanged", s.dtfn(t, "", nil, "connector", "rotate-secret", c.Name, "--secret-file", file, "--yes"))
	if is := s.is(t, c.Name); is.HTTPConfig.SignatureSecret != "an0ther-MARK-secret" {
		t.Error("the secret was not changed")
	}
	expect(2, "there is no new secret", s.dtfn(t, "", nil, "connector", "rotate-secret", c.Name, "--yes"))
	expect(2, "holds no secret", s.dtfn(t, " x\ny ", nil, "connector", "rotate-secret", c.Name, "--yes", "--secret-file", "-"))

	expect(2, "add --yes", s.dtfn(t, "", nil, "connector", "disable", c.Name))
	expect(0, c.Name+": USER_DISABLED", s.dtfn(t, "", nil, "connector", "disable", c.Name, "--yes"))
	expect(0, c.Name+": ACTIVE", s.dtfn(t, "", nil, "connector", "enable", c.Name))
	expect(2, "add --yes", s.dtfn(t, "", nil, "connector", "delete", c.Name))
	expect(0, c.Name+": deleted", s.dtfn(t, "", nil, "connector", "delete", c.Name, "--yes"))
	expect(1, "404", s.dtfn(t, "", nil, "connector", "get", c.Name))
	// The others are done all the same.
	kept := s.Connector(t, dtcloud.Connector{})
	expect(1, "404", s.dtfn(t, "", nil, "connector", "get", c.Name, string(kept)))
	if got := s.dtfn(t, "", nil, "connector", "get", c.Name, string(kept)); !strings.Contains(got.stdout, string(kept)) {
		t.Errorf("%+v", got)
	}
}

func TestConnectorMisuse(t *testing.T) {
	s := newAPIScene(t)
	for _, test := range []struct {
		want string
		args []string
	}{
		{"connector", []string{"get", "projects/p1"}},
		{"accepts 1 arg", []string{"create"}},
		{"url", []string{"create", "p1"}},
		{"requires at least 1 arg", []string{"list"}},
		{"--header: want 'Name: value'", []string{"create", "p1", "--url", "https://r.example/", "--header", "x"}},
		{"evnts is not a setting", []string{"apply", "projects/p1/dataconnectors/c", "--config", "-"}},
		{"--config", []string{"apply", "projects/p1/dataconnectors/c", "--config", "/does/not/exist"}},
		{"config", []string{"apply", "projects/p1/dataconnectors/c"}},
	} {
		got := s.dtfn(t, `{"evnts":[]}`, nil, append([]string{"connector"}, test.args...)...)
		if got.code != 2 || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%v: code %d, %q, want %q", test.args, got.code, got.stderr, test.want)
		}
	}
	// Without a service account every variable is named at once.
	got := call{args: []string{"connector", "list", "p1"}}.run(context.Background())
	if got.code != 2 || !strings.Contains(got.stderr, "DT_SERVICE_ACCOUNT_KEY_ID: not set") || !strings.Contains(got.stderr, "DT_SERVICE_ACCOUNT_SECRET: not set") {
		t.Errorf("%+v", got)
	}
}

// sync, configure and recover do by hand what a schedule has them do.
func TestScheduledByHand(t *testing.T) {
	s := newAPIScene(t)
	name := s.Connector(t, dtcloud.Connector{})
	device := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "d1"})
	path := filepath.Join(t.TempDir(), "events.db")
	env := []string{
		"DT_CONNECTORS=" + string(name), `DT_CONNECTOR_CONFIG={"displayName":"Named"}`, "DT_SIGNATURE_SECRET=" + connectorSecret,
		"DT_SINK=sqlite://" + path, "DT_CHECKPOINT=sqlite://" + path, "DT_RECOVER_USER_DISABLED=true",
	}
	if got := s.dtfn(t, "", env, "sync"); got.code != 0 || !strings.Contains(got.stdout, string(name)+": synced") {
		t.Errorf("%+v", got)
	}
	if got := s.dtfn(t, "", env, "configure", "--dry-run"); got.code != 0 || !strings.Contains(got.stdout, "+ Named") || s.is(t, string(name)).DisplayName == "Named" {
		t.Errorf("%+v", got)
	}
	if got := s.dtfn(t, "", env, "configure"); got.code != 0 || s.is(t, string(name)).DisplayName != "Named" || s.is(t, string(name)).HTTPConfig.SignatureSecret != connectorSecret {
		t.Errorf("%+v", got)
	}
	if err := s.SetStatus(string(name), dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	id := s.Emit(t, device, event.TypeTouch, s.Clock().Now())
	var report struct {
		Connectors []struct {
			Enabled bool
			Gaps    []struct{ Published int }
		}
	}
	got := s.dtfn(t, "", env, "recover", "--json")
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != 0 || !report.Connectors[0].Enabled || report.Connectors[0].Gaps[0].Published != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	if stored := events(t, path); len(stored) != 1 || stored[0]["id"] != id {
		t.Errorf("stored %v", stored)
	}
	got = s.dtfn(t, "", env, "recover", "--since", "1h", "--devices", "d1")
	if got.code != 0 || !strings.Contains(got.stdout, "1 of 1 devices, 1 events in 1 requests; 1 published (1 were there already)") {
		t.Errorf("%+v", got)
	}
	for _, test := range []struct {
		want string
		args []string
	}{
		{"take --since with them", []string{"--devices", "d1"}},
		{"neither a time", []string{"--since", "yesterday"}},
		{"is not before", []string{"--since", "1h", "--until", "2h"}},
	} {
		if got := s.dtfn(t, "", env, append([]string{"recover"}, test.args...)...); got.code != 2 || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%v: %+v", test.args, got)
		}
	}
	env[0] = "DT_CONNECTORS=projects/p1/dataconnectors/gone," + string(name)
	for _, function := range []string{"sync", "configure", "recover"} {
		if got := s.dtfn(t, "", env, function); got.code != 1 || !strings.Contains(got.stdout, "404") || !strings.Contains(got.stdout, string(name)+": ") {
			t.Errorf("%s: %+v", function, got)
		}
	}
}

// The simulated cloud alone: what it prints is what its clients need.
func TestCloud(t *testing.T) {
	var env map[string]string
	worked := make(chan result, 1)
	code, _, log := runUntil(t, nil, func(line string) bool {
		if json.Unmarshal([]byte(line), &env) == nil && env["DTFN_PROJECT"] != "" {
			var list []string
			for name, value := range env {
				list = append(list, name+"="+value)
			}
			worked <- call{args: []string{"connector", "create", env["DTFN_PROJECT"], "--url", "http://127.0.0.1:9/", "--json"}, env: list}.run(context.Background())
			return true
		}
		return false
	}, "cloud", "--json", "--listen", "127.0.0.1:0")
	if code != 0 || log != "" {
		t.Errorf("code %d, %s", code, log)
	}
	if got := <-worked; got.code != 0 || !strings.Contains(got.stdout, env["DTFN_PROJECT"]) {
		t.Errorf("%+v", got)
	}
	if _, err := dtapi.ParseProject(env["DTFN_PROJECT"]); err != nil {
		t.Error(err)
	}
}

// While `dtfn run` runs, its connector can be changed by what it leaves in dtfn.env.
func TestRunIsReconfigured(t *testing.T) {
	dir := t.TempDir()
	results := make(chan result, 2)
	var begin sync.Once
	var done atomic.Bool
	change := func() {
		defer done.Store(true)
		text, err := os.ReadFile(filepath.Join(dir, "dtfn.env"))
		if err != nil {
			t.Error(err)
			return
		}
		env := strings.Fields(string(text))
		i := slices.IndexFunc(env, func(line string) bool { return strings.HasPrefix(line, "DT_CONNECTORS=") })
		name := strings.TrimPrefix(env[i], "DT_CONNECTORS=")
		results <- call{args: []string{"connector", "apply", "--config", "-", name}, env: env, stdin: `{"events":["touch"]}`}.run(context.Background())
		results <- call{args: []string{"connector", "get", name}, env: env}.run(context.Background())
	}
	code, _, log := runUntil(t, nil, func(line string) bool {
		if strings.Contains(line, `"outcome":"accepted"`) {
			begin.Do(func() { go change() })
		}
		return done.Load()
	}, "run", "--json", "--listen", "127.0.0.1:0", "--speed", "2000", "--store", filepath.Join(dir, "events.db"))
	if code != 0 {
		t.Fatalf("code %d, %s", code, log)
	}
	for _, want := range []string{"  + touch", "events        touch\n"} {
		if got := <-results; got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%+v, want %q", got, want)
		}
	}
}
