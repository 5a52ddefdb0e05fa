package main_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
)

// build builds a program of this module as it is deployed.
func build(t *testing.T, pkg string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "server")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// A service is the program as Cloud Run runs it.
type service struct {
	url string
	log logFile
}

// A logFile is where a program writes its log: a file, so that what it has written is
// there to be read.
type logFile struct{ *os.File }

func newLogFile(t *testing.T) logFile {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return logFile{f}
}

func (f logFile) String() string {
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// start starts the program for a target and waits until it answers.
func start(t *testing.T, program, target string, env map[string]string) service {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	s := service{url: "http://127.0.0.1:" + port, log: newLogFile(t)}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT="+port, "HOST=127.0.0.1", "FUNCTION_TARGET="+target)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdout, cmd.Stderr = s.log.File, s.log.File
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			connection.Close()
			return s
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it does not listen: %s", s.log)
		}
	}
}

// The function, as the framework serves it, answers as every adapter does.
func TestAdapter(t *testing.T) {
	programs := make(map[string]string)
	adaptertest.Run(t, adaptertest.Platform{
		Name: "gcp",
		Start: func(t *testing.T, s adaptertest.Start) adaptertest.Target {
			pkg := "."
			if s.Faulty {
				pkg = "./testdata/faulty"
			}
			if programs[pkg] == "" {
				programs[pkg] = build(t, pkg)
			}
			return adaptertest.HTTPTarget{URL: start(t, programs[pkg], "Receive", s.Env).url + "/"}
		},
	})
}

func post(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// Cloud Scheduler calls the others, each a service of its own.
func TestScheduled(t *testing.T) {
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	name := w.Connector(t, dtcloud.Connector{})
	dir := filepath.ToSlash(t.TempDir())
	env := w.Environment()
	env["DT_CONNECTORS"], env["DT_CONNECTOR_CONFIG"] = string(name), `{"displayName":"Named"}`
	env["DT_SINK"], env["DT_CHECKPOINT"] = "file://"+dir+"/events.ndjson", "file://"+dir+"/checkpoints"
	env["GOOGLE_CLOUD_PROJECT"] = "my-project"
	program := build(t, ".")
	for target, want := range map[string]string{"Sync": `"synced":true`, "Configure": `"changed":true`, "Recover": `"status":"ACTIVE"`} {
		s := start(t, program, target, env)
		if status, body := post(t, s.url+"/"); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", target, status, body)
		}
		var line struct{ Severity, Message, Function string }
		for text := range strings.Lines(s.log.String()) {
			if json.Unmarshal([]byte(text), &line) == nil && line.Function != "" {
				break
			}
		}
		if line.Severity != "INFO" || line.Message != "done" {
			t.Errorf("%s: log %s", target, s.log)
		}
	}
	env["DT_CONNECTORS"] = "projects/p1/dataconnectors/gone"
	s := start(t, program, "Sync", env)
	if status, body := post(t, s.url+"/"); status != 500 || !strings.Contains(body, "404") || !strings.Contains(s.log.String(), `"severity":"ERROR"`) {
		t.Errorf("%d %s\n%s", status, body, s.log)
	}
}

// Wrong settings stop the start, with all of them named; an unknown target too.
func TestWrongSettings(t *testing.T) {
	program := build(t, ".")
	for target, want := range map[string]string{
		"Receive": "DT_SINK: not set", "Sync": "DT_CONNECTORS: not set", "Configure": "DT_CONNECTORS: not set",
		"Recover": "DT_CHECKPOINT: not set", "Dance": "Dance",
	} {
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(os.Environ(), "PORT=0", "HOST=127.0.0.1", "FUNCTION_TARGET="+target)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v, %s", target, err, out)
		}
	}
}

// On a developer's machine there is no target, and each function has a path.
func TestWithoutTarget(t *testing.T) {
	s := start(t, build(t, "."), "", map[string]string{"DT_SIGNATURE_SECRET": "a-secret-of-good-length", "DT_SINK": "stdout:"})
	if status, body := post(t, s.url+"/Receive"); status != 401 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := post(t, s.url+"/Sync"); status != 500 || !strings.Contains(body, `"settings"`) {
		t.Errorf("%d %s", status, body)
	}
}
