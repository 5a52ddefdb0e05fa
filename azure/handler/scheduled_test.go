package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
)

// stdout is a sink that receive and recover may have open at a time, as every sink of
// Azure's is.
func stdout() []string { return []string{"DT_SINK=stdout:"} }

// The scheduled functions run against a simulated DT Cloud, invoked in every form in
// which a host may do it.
func TestTimers(t *testing.T) {
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil }) // the handler's clock is the real one
	connector := w.Connector(t, dtcloud.Connector{DisplayName: "old"})
	env := []string{
		"DT_CONNECTORS=" + string(connector), `DT_CONNECTOR_CONFIG={"displayName":"new"}`,
		"DT_CHECKPOINT=file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "checkpoints")),
	}
	for name, value := range w.Environment() {
		env = append(env, name+"="+value)
	}
	d := deploy(t, hosttest.Options{Env: stdout()}, env...)
	forms := map[string]string{
		"object": hosttest.TimerObject, "no status": hosttest.TimerNoStatus, "lower case": hosttest.TimerLowerCase,
		"text": hosttest.AsText(hosttest.TimerObject), "null": "null",
	}
	for form, timer := range forms {
		for _, function := range []string{"sync", "configure", "recover"} {
			logs, err := d.Invoke(t.Context(), function, timer)
			if err != nil || len(logs) != 1 || !strings.Contains(logs[0], string(connector)) {
				t.Errorf("%s, %s: %q, %v\n%s", function, form, logs, err, d.Log())
			}
		}
	}
	if c, err := w.Cloud.Connector(string(connector)); err != nil || c.DisplayName != "new" {
		t.Errorf("the connector is %+v, %v", c, err)
	}
	if !strings.Contains(d.Log(), `"pastDue":true`) || !strings.Contains(d.Log(), `"next":"2026-01-02T04:00:00+00:00"`) {
		t.Errorf("the log tells nothing of the timer:\n%s", d.Log())
	}
}

// What recover fetches goes where receive's events go.
func TestRecoverPublishes(t *testing.T) {
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	connector := w.Connector(t, dtcloud.Connector{})
	device := w.Device(t, dtcloud.DeviceSpec{ID: "d1", Type: "touch"})
	env := []string{"DT_RECOVER_USER_DISABLED=true", "DT_CONNECTORS=" + string(connector), "DT_CHECKPOINT=file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "checkpoints"))}
	for name, value := range w.Environment() {
		env = append(env, name+"="+value)
	}
	d := deploy(t, hosttest.Options{Env: stdout()}, env...)
	if _, err := d.Invoke(t.Context(), "recover", hosttest.TimerObject); err != nil {
		t.Fatal(err)
	}
	id := w.Emit(t, device, "touch", time.Now())
	if err := w.SetStatus(string(connector), dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	if logs, err := d.Invoke(t.Context(), "recover", hosttest.TimerObject); err != nil {
		t.Fatalf("%q, %v\n%s", logs, err, d.Log())
	}
	if events := d.Stdout(); strings.Count(events, "\n") != 1 || !strings.Contains(events, id) {
		t.Errorf("in the sink: %q\n%s", events, d.Log())
	}
}

// A run that fails is a failed run for the host too, and the log says why.
func TestFailedRun(t *testing.T) {
	d := deploy(t, hosttest.Options{})
	_, err := d.Invoke(t.Context(), "sync", hosttest.TimerObject)
	if err == nil || !strings.Contains(err.Error(), "500") || !strings.Contains(err.Error(), "DT_CONNECTORS: not set") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(d.Log(), "run failed") || !strings.Contains(d.Log(), "DT_SERVICE_ACCOUNT_KEY_ID: not set") {
		t.Errorf("the log: %s", d.Log())
	}
	// What is no invocation runs nothing.
	for _, body := range []string{`{"Data":{"req":{}},"Metadata":{}}`, `{`, ``} {
		if status, answer := direct(t, d, "POST", "/sync", nil, []byte(body)); status != 400 || !strings.Contains(answer, "not the invocation of a timer") {
			t.Errorf("%q: %d %s", body, status, answer)
		}
	}
	// Receive goes on.
	if status, answer := send(t, signed(t, d.URL, event("e1"), false)); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
}

// Wrong settings end the handler with all that is wrong, at once.
func TestWrongSettings(t *testing.T) {
	h, err := hosttest.Try(t, hosttest.Options{Program: built, App: app, Env: []string{
		"DT_SINK=azure-queue://acc.queue.core.windows.net/events", "DT_SIGNATURE_SECRET=@Microsoft.KeyVault(SecretUri=https://v/s)", "DT_LOG_LEVEL=loud",
	}})
	if err == nil || h.ExitCode() != 2 {
		t.Fatalf("%v, code %d", err, h.ExitCode())
	}
	for _, want := range []string{"DT_SIGNATURE_SECRET: a reference", "DT_LOG_LEVEL"} {
		if !strings.Contains(h.Log(), want) {
			t.Errorf("no %q in %s", want, h.Log())
		}
	}
	for _, env := range []string{"DT_SINK=azure-queue://acc.queue.core.windows.net/UPPER", "DT_SINK=azure-servicebus://acc.example.com/q", "DT_SINK=aws-sqs://x"} {
		h, err := hosttest.Try(t, hosttest.Options{Program: built, App: app, Env: []string{env, "DT_SIGNATURE_SECRET=" + signingSecret}})
		if err == nil || h.ExitCode() == 0 || !strings.Contains(h.Log(), "DT_SINK") {
			t.Errorf("%s: %v\n%s", env, err, h.Log())
		}
	}
}

// Told to stop, the handler ends in good order.
func TestStop(t *testing.T) {
	d := deploy(t, hosttest.Options{})
	if status, _ := send(t, signed(t, d.URL, event("e1"), false)); status != 200 {
		t.Fatal(status)
	}
	if code := d.Stop(); code != 0 {
		t.Errorf("code %d\n%s", code, d.Log())
	}
}

// The app has a folder for each function that there is, with what the handler needs.
func TestApp(t *testing.T) {
	for _, name := range []string{"sync", "configure", "recover"} {
		text, err := os.ReadFile(filepath.Join(app, name, "function.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"type": "timerTrigger"`, `"name": "timer"`, fmt.Sprintf(`"schedule": "%%%s_SCHEDULE%%"`, strings.ToUpper(name))} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(app, "host.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"enableProxyingHttpRequest": true`, `"enableForwardingHttpRequest": true`, `"defaultExecutablePath": "handler"`, `"[4.*, 5.0.0)"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("host.json: no %s", want)
		}
	}
	if folders, err := filepath.Glob(filepath.Join(app, "*", "function.json")); err != nil || len(folders) != 4 {
		t.Errorf("%v, %v", folders, err)
	}
}
