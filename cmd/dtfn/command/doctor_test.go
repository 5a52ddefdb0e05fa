package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// serveReceive runs `dtfn receive` until the test ends and returns its URL.
func serveReceive(t *testing.T, env []string, now func() time.Time) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	address, ended := make(chan string, 1), make(chan struct{})
	log := &watched{seen: func(line string) {
		var l struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &l) == nil && l.Msg == "listening" {
			address <- l.Address
		}
	}}
	go func() {
		defer close(ended)
		command.Run(ctx, command.Process{
			Args: []string{"receive"}, Environ: append([]string{"PORT=0"}, env...), Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: log, Now: now,
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case a := <-address:
		return "http://127.0.0.1" + a[strings.LastIndex(a, ":"):] + "/"
	case <-ended:
		t.Fatalf("receive has ended: %s", log)
	}
	return ""
}

// A patient is a deployment on this machine for dtfn doctor: a simulated DT Cloud,
// dtfn receive, and what Terraform would say of the two.
type patient struct {
	*dtcloudtest.World
	connector string
	outputs   map[string]any
	env       []string // of doctor
	args      []string
	now       func() time.Time
}

// An ailment says how a patient differs from a healthy one.
type ailment struct {
	sink           string // file or sqlite
	receiveEnv     []string
	endpointAhead  time.Duration
	endpoint       http.Handler // instead of receive
	connector      dtcloud.Connector
	afterwards     func(*testing.T, *patient)
	doctorAhead    time.Duration
	want           []string // the checks that fail
	says, remedies string   // of the first
}

func newPatient(t *testing.T, a ailment) *patient {
	t.Helper()
	// Receivers and clients live in real time, as with dtfn run.
	p := &patient{World: dtcloudtest.New(t, func(c *dtcloud.Config) { c.TokenNow = time.Now })}
	kind := a.sink
	if kind == "" {
		kind = "file"
	}
	sink := kind + "://" + filepath.Join(t.TempDir(), "events")
	var url string
	if a.endpoint != nil {
		server := httptest.NewServer(a.endpoint)
		t.Cleanup(server.Close)
		url = server.URL + "/"
	} else {
		env := append(slices.Clone(a.receiveEnv), "DT_SIGNATURE_SECRET="+connectorSecret, "DT_SINK="+sink) // the first of a name counts
		url = serveReceive(t, env, func() time.Time { return time.Now().Add(a.endpointAhead) })
	}
	c := a.connector
	if c.HTTPConfig.URL == "" {
		c.HTTPConfig.URL = url
	}
	if c.HTTPConfig.SignatureSecret == "" {
		c.HTTPConfig.SignatureSecret = connectorSecret
	}
	p.connector = string(p.Connector(t, c))
	p.outputs = map[string]any{
		"version": 1, "cloud": "heroku", "name": "here", "endpoint": url, "sinks": []string{sink}, "connectors": []string{p.connector},
		"schedules": map[string]any{"recover": map[string]string{"id": "r", "expression": "*/15 * * * *"}},
		"settings":  map[string]string{}, "wanted": map[string]any{}, "service_account": nil, "dead_letter": nil,
	}
	for name, value := range p.Environment() {
		p.env = append(p.env, name+"="+value)
	}
	p.env = append(p.env, "DT_SIGNATURE_SECRET="+connectorSecret)
	p.now = func() time.Time { return time.Now().Add(a.doctorAhead) }
	if a.afterwards != nil {
		a.afterwards(t, p)
	}
	return p
}

// examine runs dtfn doctor by what Terraform would print.
func (p *patient) examine(t *testing.T) (result, []doctor.Result) {
	t.Helper()
	printed, err := json.Marshal(map[string]any{"doctor": map[string]any{"sensitive": false, "value": p.outputs}})
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := command.Run(t.Context(), command.Process{
		Args: append([]string{"doctor", "--json"}, p.args...), Environ: p.env, Stdin: bytes.NewReader(printed), Stdout: &stdout, Stderr: &stderr, Now: p.now,
	})
	got := result{code, stdout.String(), stderr.String()}
	for _, hidden := range []string{connectorSecret, p.Account.Secret.Reveal()} {
		secrettest.CheckHidden(t, "dtfn doctor", got.stdout+got.stderr, hidden)
	}
	return got, doctorResults(t, got.stdout)
}

func doctorResults(t *testing.T, text string) []doctor.Result {
	t.Helper()
	var results []doctor.Result
	for decoder := json.NewDecoder(strings.NewReader(text)); ; {
		var r doctor.Result
		if err := decoder.Decode(&r); err == io.EOF {
			return results
		} else if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
}

// What the tests of package doctor hold of the parts, these hold of the command and
// the real receiver and sinks.
func TestDoctor(t *testing.T) {
	const d = 10 * time.Minute
	const nobody = "http://127.0.0.1:1/" // a port that was left may be taken by others
	set := func(name string, value any) func(*testing.T, *patient) {
		return func(_ *testing.T, p *patient) { p.outputs[name] = value }
	}
	quickly := func(name string, value any) func(*testing.T, *patient) {
		return func(_ *testing.T, p *patient) { p.outputs[name], p.args = value, []string{"--wait", "200ms"} }
	}
	empty := func(kind string) string { return kind + "://" + filepath.Join(t.TempDir(), "elsewhere") }
	for name, a := range map[string]ailment{
		"healthy":             {},
		"healthy with SQLite": {sink: "sqlite"},
		"healthy and picky": {
			sink:       "sqlite",
			receiveEnv: []string{"DT_EVENT_TYPES=temperature,humidity", "DT_DEVICE_TYPES=humidity", "DT_LABEL_SELECTOR=floor in (1,2), !test", "DT_PROJECTS=p1", "DT_LABELS=floor=etage"},
			connector:  dtcloud.Connector{Events: []string{"temperature", "humidity"}, Labels: []string{"floor", "test"}},
			afterwards: set("settings", map[string]string{"DT_EVENT_TYPES": "temperature,humidity", "DT_DEVICE_TYPES": "humidity", "DT_LABEL_SELECTOR": "floor in (1,2), !test", "DT_PROJECTS": "p1", "DT_LABELS": "floor=etage"}),
		},
		"wrong secret":                {receiveEnv: []string{"DT_SIGNATURE_SECRET=another"}, want: []string{"secret"}, says: "the endpoint has another secret than DT_SIGNATURE_SECRET and the connector", remedies: "reads its secret anew"},
		"wrong secret of connector":   {connector: dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{SignatureSecret: "another"}}, want: []string{"connector-secret"}, says: "another secret than the endpoint's", remedies: "rotate-secret"},
		"wrong secret given":          {afterwards: func(_ *testing.T, p *patient) { p.env = append([]string{"DT_SIGNATURE_SECRET=another"}, p.env...) }, want: []string{"secret"}, says: "those two agree", remedies: "correct or unset DT_SIGNATURE_SECRET"},
		"sink empty":                  {afterwards: quickly("sinks", []string{empty("file")}), want: []string{"sink"}, says: "is not there after", remedies: "DT_SINK"},
		"SQLite empty":                {sink: "sqlite", afterwards: quickly("sinks", []string{empty("sqlite")}), want: []string{"sink"}, says: "is not there after", remedies: "DT_SINK"},
		"sink's folder absent":        {afterwards: set("sinks", []string{"file:///no/such/place/events.jsonl"}), want: []string{"sink"}, says: "there is no such sink: this machine has no folder /no/such/place", remedies: "correct its URL"},
		"connector disabled":          {connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, want: []string{"connector-status"}, says: "USER_DISABLED", remedies: "dtfn connector enable projects/p1/dataconnectors/"},
		"connector disabled by DT":    {afterwards: fail, want: []string{"connector-status"}, says: "SYSTEM_DISABLED", remedies: "fetches what was missed"},
		"connector's URL wrong":       {connector: dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://old.example/"}}, want: []string{"connector-url"}, says: "https://old.example/", remedies: "the endpoint's URL"},
		"URL wrong":                   {endpoint: http.NotFoundHandler(), want: []string{"endpoint"}, says: "404", remedies: "wrong URL"},
		"endpoint's clock behind":     {endpointAhead: -d, want: []string{"clock"}, says: "10 minutes behind DT's clock", remedies: "endpoint's host by NTP"},
		"endpoint's clock ahead":      {endpointAhead: d, want: []string{"clock"}, says: "10 minutes ahead of DT's clock", remedies: "endpoint's host by NTP"},
		"this machine's clock behind": {doctorAhead: -d, want: []string{"clock"}, says: "10 minutes behind DT's clock", remedies: "this machine's clock by NTP"},
		"this machine's clock ahead":  {doctorAhead: d, want: []string{"clock"}, says: "10 minutes ahead of DT's clock", remedies: "this machine's clock by NTP"},
		"endpoint down":               {afterwards: set("endpoint", nobody), want: []string{"endpoint"}, says: "takes no connections", remedies: "function runs"},
		"nothing checked":             {endpoint: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), want: []string{"unsigned", "forged"}, says: "accepted with 200", remedies: "off the network"},
		"recover not scheduled":       {afterwards: set("schedules", map[string]any{}), want: []string{"schedule"}, says: "not scheduled", remedies: "schedules.recover"},
		"events not as wanted":        {afterwards: set("wanted", map[string]any{"events": []string{"touch"}}), want: []string{"connector-events"}, says: "wanted are touch", remedies: "dtfn configure"},
		"labels not as wanted":        {afterwards: set("wanted", map[string]any{"labels": []string{"floor"}}), want: []string{"connector-labels"}, says: "missing: floor", remedies: "dtfn configure"},
		"no role": {afterwards: func(t *testing.T, p *patient) {
			t.Helper()
			account, err := p.AddServiceAccount(dtcloud.ServiceAccountSpec{})
			if err != nil {
				t.Fatal(err)
			}
			p.env = append([]string{"DT_SERVICE_ACCOUNT_KEY_ID=" + account.KeyID, "DT_SERVICE_ACCOUNT_EMAIL=" + account.Email, "DT_SERVICE_ACCOUNT_SECRET=" + account.Secret.Reveal()}, p.env...)
		}, want: []string{"connector"}, says: "403", remedies: "project.user"},
	} {
		t.Run(name, func(t *testing.T) {
			got, results := newPatient(t, a).examine(t)
			failed := []string{}
			var first doctor.Result
			for _, r := range results {
				if r.Status != doctor.Fail {
					continue
				}
				if len(failed) == 0 {
					first = r
				}
				failed = append(failed, r.Check)
				if r.Remedy == "" {
					t.Errorf("no remedy: %+v", r)
				}
			}
			if a.want == nil {
				a.want = []string{}
			}
			if !reflect.DeepEqual(failed, a.want) || got.code != min(1, len(a.want)) || got.stderr != "" {
				t.Fatalf("code %d, failed: %q, want %q\n%s%s", got.code, failed, a.want, got.stdout, got.stderr)
			}
			if !strings.Contains(first.Found, a.says) || !strings.Contains(first.Remedy, a.remedies) {
				t.Errorf("%+v, want %q and %q", first, a.says, a.remedies)
			}
			if len(a.want) == 0 {
				for _, r := range results {
					if r.Status != doctor.OK {
						t.Errorf("%+v", r)
					}
				}
			}
		})
	}
}

// fail lets the connector fail for so long that DT disables it.
func fail(t *testing.T, p *patient) {
	t.Helper()
	if err := p.SetFaults(dtcloud.Faults{CorruptSignature: 1}); err != nil {
		t.Fatal(err)
	}
	device := p.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "d1"})
	for range 12 {
		p.Emit(t, device, event.TypeTouch, p.Clock().Now())
		p.Pass(t, 12*time.Hour)
	}
}

// While `dtfn run` runs, however fast its time passes, the doctor finds it healthy by
// what it leaves in dtfn.env.
func TestDoctorOfRun(t *testing.T) {
	dir := t.TempDir()
	file := "file://" + filepath.Join(dir, "events.ndjson")
	got := make(chan result, 2)
	var examined sync.WaitGroup
	var begin sync.Once
	done := make(chan struct{})
	examine := func() {
		defer close(done)
		text, err := os.ReadFile(filepath.Join(dir, "dtfn.env"))
		if err != nil {
			t.Error(err)
			return
		}
		env := strings.Fields(string(text))
		var url string
		for _, line := range env {
			if name, value, _ := strings.Cut(line, "="); name == "DT_CONNECTORS" {
				shown := call{args: []string{"connector", "get", "--json", value}, env: env}.run(context.Background())
				var c struct{ HTTPConfig struct{ URL string } }
				if err := json.Unmarshal([]byte(shown.stdout), &c); err != nil {
					t.Errorf("%v: %+v", err, shown)
				}
				url = c.HTTPConfig.URL
			}
		}
		args := []string{"doctor", "--endpoint", url, "--sink", "sqlite://" + filepath.Join(dir, "events.db"), "--sink", file}
		got <- call{args: args, env: env}.run(context.Background())
		got <- call{args: append(args, "--strict", "--json"), env: env}.run(context.Background())
	}
	enough := count(300, `"outcome":"accepted"`)
	code, _, log := runUntil(t, []string{"DT_SINK=" + file}, func(line string) bool {
		if enough(line) {
			begin.Do(func() { examined.Go(examine) })
		}
		select {
		case <-done:
			return true
		default:
			return false
		}
	}, "run", "--json", "--listen", "127.0.0.1:0", "--speed", "10000", "--store", filepath.Join(dir, "events.db"))
	examined.Wait()
	if code != 0 {
		t.Fatalf("code %d, %s", code, log)
	}
	if table := <-got; table.code != 0 || !strings.Contains(table.stdout, "ok    sink") || !strings.HasSuffix(table.stdout, "\n1 check not made.\n") || table.stderr != "" {
		t.Errorf("%+v", table)
	}
	// Nobody names schedules here, and that is what --strict does not let pass.
	if strict := <-got; strict.code != 1 || strings.Count(strict.stdout, `"status":"ok"`) != strings.Count(strict.stdout, "\n")-1 {
		t.Errorf("%+v", strict)
	}
}

// What a newcomer does with `dtfn cloud`: a receiver, a connector, a look at both.
func TestDoctorOfCloud(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	received := []string{"DT_SIGNATURE_SECRET=" + connectorSecret, "DT_SINK=sqlite://" + path, "DT_EVENT_TYPES=touch"}
	url := serveReceive(t, received, nil)
	var env map[string]string
	worked := make(chan result, 1)
	code, _, log := runUntil(t, nil, func(line string) bool {
		if json.Unmarshal([]byte(line), &env) != nil || env["DTFN_PROJECT"] == "" {
			return false
		}
		list := slices.Clone(received)
		for name, value := range env {
			list = append(list, name+"="+value)
		}
		made := call{args: []string{"connector", "create", env["DTFN_PROJECT"], "--url", url, "--json"}, env: list}.run(context.Background())
		var c struct{ Name string }
		if err := json.Unmarshal([]byte(made.stdout), &c); err != nil {
			t.Errorf("%v: %+v", err, made)
		}
		worked <- call{args: []string{"doctor", "--endpoint", url, "--connector", c.Name}, env: list}.run(context.Background())
		return true
	}, "cloud", "--json", "--listen", "127.0.0.1:0")
	if code != 0 || log != "" {
		t.Errorf("code %d, %s", code, log)
	}
	if got := <-worked; got.code != 0 || strings.Count(got.stdout, "\nok ") != 13 || !strings.HasSuffix(got.stdout, "\n1 check not made.\n") || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

// An interrupt is said to be one, behind what was found until then.
func TestDoctorInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout, stderr bytes.Buffer
	code := command.Run(ctx, command.Process{
		Args: []string{"doctor", "--endpoint", "http://127.0.0.1:1/"}, Stdin: strings.NewReader(""),
		Stdout: io.MultiWriter(&stdout, &watched{seen: func(string) { stop() }}), Stderr: &stderr,
	})
	if code != 1 || !strings.HasPrefix(stdout.String(), "FAIL  endpoint") || strings.Contains(stdout.String(), "Begin with") || stderr.String() != "dtfn: interrupted before all checks were made: context canceled\n" {
		t.Errorf("code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}

func TestDoctorMisuse(t *testing.T) {
	for name, test := range map[string]struct {
		args  []string
		stdin string
		says  string
	}{
		"nothing":         {nil, "", "the input is empty"},
		"no output":       {nil, `{"endpoint":{"value":"x"}}`, "module.NAME.doctor"},
		"of others":       {nil, `{"doctor":{"value":{"pulse":60}}}`, "is it the output of a module of dt-functions?"},
		"newer":           {nil, `{"doctor":{"value":{"version":2}}}`, "use the dtfn that came with the Terraform module"},
		"no such file":    {[]string{"--input", "no/such/file"}, "", "--input"},
		"wait":            {[]string{"--endpoint", "https://r.example/", "--wait", "0s"}, "", "--wait"},
		"connector":       {[]string{"--endpoint", "https://r.example/", "--connector", "c"}, "", "--connector"},
		"setting":         {[]string{"--endpoint", "https://r.example/", "--settings", "EVENT_TYPES"}, "", "NAME=VALUE"},
		"unknown setting": {[]string{"--endpoint", "https://r.example/", "--settings", "DT_EVENT_TYPE=touch"}, "", "DT_EVENT_TYPES"},
		"unknown check":   {[]string{"--endpoint", "https://r.example/", "--ignore", "pulse"}, "", "connector-status"},
		"unknown flag":    {[]string{"--end-point", "https://r.example/"}, "", "end-point"},
		"sink":            {[]string{"--endpoint", "https://r.example/", "--sink", "events.db"}, "", "--sink: want a URL"},
		"an argument":     {[]string{"outputs.json"}, "", "outputs.json"},
		"two connectors'": {[]string{"--endpoint", "https://r.example/", "--connector", "projects/p1/dataconnectors/c1,projects/p1/dataconnectors/c2"}, "", "--connector"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call{args: append([]string{"doctor"}, test.args...), stdin: test.stdin}.run(t.Context())
			if got.code != 2 || got.stdout != "" || !strings.Contains(got.stderr, test.says) {
				t.Errorf("%+v, want 2 and %q", got, test.says)
			}
		})
	}
}

// The outputs from a file, and flags above them.
func TestDoctorInput(t *testing.T) {
	p := newPatient(t, ailment{})
	sink := p.outputs["sinks"].([]string)[0]
	p.outputs["sinks"] = []string{"file:///no/such/place"}
	text, err := json.Marshal(map[string]any{"doctor": map[string]any{"value": p.outputs}})
	if err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, "outputs.json", string(text))
	got := call{args: []string{"doctor", "--input", path, "--sink", sink, "--strict"}, env: p.env}.run(t.Context())
	if got.code != 0 || !strings.Contains(got.stdout, "checks are well.") || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	got = call{args: []string{"doctor", "--input", path, "--wait", "100ms", "--ignore", "sink=file:///no/such/place"}, env: p.env}.run(t.Context())
	if got.code != 0 || !strings.Contains(got.stdout, "known, and ignored") || !strings.HasSuffix(got.stdout, "\n1 warning.\n") {
		t.Errorf("%+v", got)
	}
}
