//go:build platforms && linux

package doctortest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const (
	module      = "github.com/dt-functions/dt-functions/"
	theSecret   = "s3cr3t-MARK-of-the-deployment"
	otherSecret = "s3cr3t-MARK-of-somebody-else"
)

// A platform is where the function runs, with the sink that it publishes to.
type platform struct {
	cloud string
	// deploy starts the function, as it is deployed, and returns its URL.
	deploy func(t *testing.T, secret string, sinks []string) string
	// sinks are where it publishes to, empty others of their kinds, and absent those
	// that do not exist.
	sinks, empty, absent []string
	// env is what the one who runs the doctor has in the environment.
	env []string
	// reference is where the secret lies, in the platform's store; "" for nowhere.
	reference string
	// hidden are the platform's own secrets.
	hidden []string
}

// A fault is one that is injected.
type fault struct {
	name           string
	secret         string // the function's
	empty, absent  bool   // the sink that is looked into is another one, or none
	nowhere        bool   // the function publishes to none either
	connector      dtcloud.Connector
	cloudAhead     time.Duration // DT's clock
	machineAhead   time.Duration // the doctor's
	want           string        // the check that fails; "" for none
	says, remedies string
}

// The faults that every platform has. The clock of a deployed program is this machine's:
// the others are moved instead.
func faults() []fault {
	const d = 10 * time.Minute
	return []fault{
		{name: "healthy"},
		{name: "wrong secret", secret: otherSecret, want: doctor.CheckSecret, says: "the endpoint has another secret", remedies: "reads its secret anew"},
		{name: "sink empty", empty: true, want: doctor.CheckSink, says: "the event was accepted, but", remedies: "DT_SINK"},
		{name: "no such sink", absent: true, want: doctor.CheckSink, says: "there is no such sink", remedies: "make it"},
		{name: "publishes to no sink", absent: true, nowhere: true, want: doctor.CheckSink, says: "there is no such sink", remedies: "make it"},
		{name: "connector disabled", connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, want: doctor.CheckConnectorStatus, says: "USER_DISABLED", remedies: "dtfn connector enable"},
		{name: "wrong URL", connector: dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://old.example/"}}, want: doctor.CheckConnectorURL, says: "https://old.example/", remedies: "the endpoint's URL"},
		{name: "endpoint's clock", cloudAhead: d, machineAhead: d, want: doctor.CheckClock, says: "10 minutes behind DT's clock", remedies: "endpoint's host by NTP"},
		{name: "this machine's clock", machineAhead: -d, want: doctor.CheckClock, says: "10 minutes behind DT's clock", remedies: "this machine's clock by NTP"},
	}
}

// examine runs the doctor on a platform, healthy and with each fault.
func examine(t *testing.T, p platform) {
	t.Helper()
	sound := p.deploy(t, theSecret, p.sinks)
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			endpoint := sound
			switch {
			case f.secret != "":
				endpoint = p.deploy(t, f.secret, p.sinks)
			case f.nowhere:
				endpoint = p.deploy(t, theSecret, p.absent)
			}
			results, code := p.run(t, f, endpoint)
			want, failed := 0, 0
			switch {
			case f.empty:
				want = len(p.empty)
			case f.absent:
				want = len(p.absent)
			case f.want != "":
				want = 1
			}
			for _, r := range results {
				switch {
				case r.Status == doctor.Fail && r.Check == f.want && strings.Contains(r.Found, f.says) && strings.Contains(r.Remedy, f.remedies):
					failed++
				case r.Status == doctor.Fail, want == 0 && r.Status != doctor.OK:
					t.Errorf("%+v", r)
				}
			}
			if failed != want || code != min(1, want) {
				t.Errorf("exit code %d, %q failed %d times, want %d", code, f.want, failed, want)
			}
		})
	}
}

func (p platform) run(t *testing.T, f fault, endpoint string) ([]doctor.Result, int) {
	t.Helper()
	cloudNow := func() time.Time { return time.Now().Add(f.cloudAhead) }
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.TokenNow = cloudNow })
	if f.connector.HTTPConfig.URL == "" {
		f.connector.HTTPConfig.URL = endpoint
	}
	f.connector.HTTPConfig.SignatureSecret = theSecret
	sinks := p.sinks
	switch {
	case f.empty:
		sinks = p.empty
	case f.absent:
		sinks = p.absent
	}
	outputs, err := json.Marshal(map[string]any{"doctor": map[string]any{"value": map[string]any{
		"version": 1, "cloud": p.cloud, "name": "here", "endpoint": endpoint, "sinks": sinks,
		"connectors": []string{string(w.Connector(t, f.connector))}, "signature_secret": p.reference,
		"schedules": map[string]any{"recover": map[string]string{"id": "r", "expression": "*/15 * * * *"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	env := slices.Clone(p.env)
	if p.reference == "" {
		env = append(env, "DT_SIGNATURE_SECRET="+theSecret)
	}
	api := dated(t, w.URL, cloudNow)
	for name, value := range w.Environment() {
		env = append(env, name+"="+strings.Replace(value, w.URL, api, 1))
	}
	args := []string{"doctor", "--json"}
	if f.empty {
		args = append(args, "--wait", "3s")
	}
	var stdout, stderr bytes.Buffer
	code := command.Run(t.Context(), command.Process{
		Args: args, Environ: env, Stdin: bytes.NewReader(outputs), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return time.Now().Add(f.machineAhead) },
	})
	if t.Log(stdout.String()); stderr.Len() > 0 {
		t.Errorf("%s", stderr.String())
	}
	for _, hidden := range append([]string{theSecret, otherSecret, w.Account.Secret.Reveal()}, p.hidden...) {
		secrettest.CheckHidden(t, "dtfn doctor", stdout.String()+stderr.String(), hidden)
	}
	var results []doctor.Result
	for decoder := json.NewDecoder(&stdout); ; {
		var r doctor.Result
		if err := decoder.Decode(&r); err == io.EOF {
			return results, code
		} else if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
}

// dated returns the URL of a server that hands on to another one, with a Date by now.
func dated(t *testing.T, address string, now func() time.Time) string {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", now().UTC().Format(http.TimeFormat))
			return nil
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	t.Cleanup(server.Close)
	return server.URL
}

// build builds a program of this module as it is deployed.
func build(t *testing.T, pkg string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, module+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// serve starts a program that listens on PORT, and returns its URL.
func serve(t *testing.T, program string, env ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append([]string{"PORT=" + port, "HOST=127.0.0.1"}, env...)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		log.Close()
	})
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return "http://" + address + "/"
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("it does not listen: %s", text)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
