package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/hosttest"
)

// What the world gets from receive in each of the host's modes, with a length and
// without one.
func TestModes(t *testing.T) {
	tests := []struct {
		mode    hosttest.Mode
		older   bool
		chunked bool
		status  int
		answer  string
		log     string
	}{
		{hosttest.Proxying, false, false, 200, `"outcome":"accepted"`, `"outcome":"accepted"`},
		{hosttest.Proxying, false, true, 200, `"outcome":"accepted"`, `"outcome":"accepted"`},
		{hosttest.Forwarding, true, false, 200, `"outcome":"accepted"`, `"outcome":"accepted"`},
		// The host drops the body. DT, which announces lengths, sends again what is
		// refused.
		{hosttest.Forwarding, true, true, 401, `"reason":"checksum-wrong"`, `"bytes":0`},
		// The host shows its callers nothing of a failed function.
		{hosttest.Envelope, false, false, 500, "", "enableProxyingHttpRequest"},
		{hosttest.Envelope, true, true, 500, "", "enableProxyingHttpRequest"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%v chunked %v", test.mode, test.chunked), func(t *testing.T) {
			d := deploy(t, hosttest.Options{Mode: test.mode, Older: test.older})
			status, answer := send(t, signed(t, d.URL, event("e1"), test.chunked))
			if status != test.status || !strings.Contains(answer, test.answer) {
				t.Errorf("%d %s\n%s", status, answer, d.Log())
			}
			if !strings.Contains(d.Log(), test.log) {
				t.Errorf("the log has no %q:\n%s", test.log, d.Log())
			}
			if stored := strings.Contains(d.events(t)[0], "e1"); stored != (test.status == 200) {
				t.Errorf("in the sink: %q", d.events(t))
			}
		})
	}
}

// Every byte of a body arrives, whether it is text or not, up to 1 MiB.
func TestExactBytes(t *testing.T) {
	for _, mode := range []hosttest.Mode{hosttest.Proxying, hosttest.Forwarding} {
		t.Run(mode.String(), func(t *testing.T) {
			d := deploy(t, hosttest.Options{Mode: mode})
			all := make([]byte, 256)
			for i := range all {
				all[i] = byte(i)
			}
			// They are authentic, but no events: kept as they are.
			for _, body := range [][]byte{all, bytes.Repeat(all, 4096), []byte("\ufeff{}\r\n\u2028")} {
				if status, answer := send(t, signed(t, d.URL, body, false)); status != 200 || !strings.Contains(answer, "dead-lettered") {
					t.Errorf("%d bytes: %d %s", len(body), status, answer)
				}
				lines := d.events(t)
				if !strings.Contains(lines[len(lines)-1], base64.StdEncoding.EncodeToString(body)) {
					t.Errorf("%d bytes: the sink has not the same", len(body))
				}
			}
			if status, answer := send(t, signed(t, d.URL, make([]byte, 1<<20+1), false)); status != 413 {
				t.Errorf("above 1 MiB: %d %s", status, answer)
			}
		})
	}
}

// The host serves what function.json says and nothing else; what it serves is
// answered by receive.
func TestOutside(t *testing.T) {
	d := deploy(t, hosttest.Options{})
	tests := []struct {
		method, path string
		status       int
	}{
		{"GET", "/api/receive", 404},
		{"POST", "/", 404},
		{"POST", "/sync", 404},
		{"POST", "/api/sync", 404},
		{"POST", "/api/receive/../../sync", 404},
		{"POST", "/API/Receive", 401}, // unsigned
		{"POST", "/api/receive", 401},
	}
	for _, test := range tests {
		r, err := http.NewRequestWithContext(t.Context(), test.method, d.URL+"/", strings.NewReader(`{"Data":{"timer":{}},"Metadata":{}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = test.path
		if status, answer := send(t, r); status != test.status {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, answer)
		}
	}
	if warnings := d.Warnings(); len(warnings) != 2 {
		t.Errorf("the log: %q", warnings)
	}
}

// The requests that were collected from the platform, at the time when they were
// signed.
func TestCollectedRequests(t *testing.T) {
	var vectors struct {
		Secret          string
		Clock           int64
		ExpectedEventID string `json:"expected_event_id"`
		Shapes          []struct {
			ID      string
			Request json.RawMessage // an envelope
			HTTP    *struct {
				Method, Path, Body string
				Headers            map[string]string
			}
		}
	}
	text, err := os.ReadFile("testdata/platform_requests.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Shapes) != 2 {
		t.Fatalf("%d requests, want 2", len(vectors.Shapes))
	}
	for _, shape := range vectors.Shapes {
		t.Run(shape.ID, func(t *testing.T) {
			d := deploy(t, hosttest.Options{Program: os.Args[0]},
				fmt.Sprintf("%s=%d", clockVariable, vectors.Clock), "DT_SIGNATURE_SECRET_PREVIOUS="+vectors.Secret)
			if shape.HTTP == nil {
				var envelope struct {
					Metadata struct{ Sys struct{ MethodName string } }
				}
				if err := json.Unmarshal(shape.Request, &envelope); err != nil {
					t.Fatal(err)
				}
				status, answer := direct(t, d, "POST", "/"+envelope.Metadata.Sys.MethodName, nil, shape.Request)
				if status != 500 || !strings.Contains(answer, "body-inexact") || !strings.Contains(d.Log(), "enableProxyingHttpRequest") {
					t.Errorf("%d %s\n%s", status, answer, d.Log())
				}
				return
			}
			status, answer := direct(t, d, shape.HTTP.Method, shape.HTTP.Path, shape.HTTP.Headers, []byte(shape.HTTP.Body))
			if status != 200 || !strings.Contains(answer, vectors.ExpectedEventID) || !strings.Contains(d.events(t)[0], vectors.ExpectedEventID) {
				t.Errorf("%d %s\n%s", status, answer, d.Log())
			}
		})
	}
}

// direct sends a request to the handler as the host would have.
func direct(t *testing.T, d *deployment, method, path string, headers map[string]string, body []byte) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.HandlerURL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return send(t, r)
}
