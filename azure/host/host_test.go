package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/host"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func TestAddress(t *testing.T) {
	tests := map[string]struct {
		env  settings.Environment
		want string // "" for an error
	}{
		"present":      {settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "4321"}, "127.0.0.1:4321"},
		"older":        {settings.Environment{"FUNCTIONS_HTTPWORKER_PORT": "4322"}, "127.0.0.1:4322"},
		"both":         {settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "4321", "FUNCTIONS_HTTPWORKER_PORT": "4322"}, "127.0.0.1:4321"},
		"any":          {settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "0"}, "127.0.0.1:0"},
		"PORT":         {settings.Environment{"PORT": "4321"}, ""},
		"not a number": {settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "http"}, ""},
		"too large":    {settings.Environment{"FUNCTIONS_HTTPWORKER_PORT": "65536"}, ""},
		"an address":   {settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "0.0.0.0:80"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := host.Address(test.env)
			if got != test.want {
				t.Errorf("%q, %v", got, err)
			}
			if test.want != "" {
				return
			}
			if _, ok := errors.AsType[*settings.Error](err); !ok || !strings.Contains(err.Error(), "FUNCTIONS_") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func ExampleAddress() {
	fmt.Println(host.Address(settings.Environment{"FUNCTIONS_CUSTOMHANDLER_PORT": "7071"}))
	// Output: 127.0.0.1:7071 <nil>
}

// serve serves one request. The functions answer with what they were called with.
func serve(t *testing.T, method, path, body string) (status int, header http.Header, text string) {
	t.Helper()
	h := host.NewHandler(host.Functions{
		Receive: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "receive %s %s", r.Method, r.URL.Path)
		}),
		Scheduled: []string{"sync", "recover"},
		Run: func(ctx context.Context, name string, timer host.Timer) (json.RawMessage, error) {
			if timer.Next == "fail" {
				return json.RawMessage(`{"partial":true}`), errors.New("marker")
			}
			return json.Marshal(map[string]any{"name": name, "timer": timer})
		},
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Header(), w.Body.String()
}

func TestRoutes(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/", 200, ""},
		{"HEAD", "/", 200, ""},
		{"POST", "/", 200, "receive POST /"},
		{"POST", "/api/receive", 200, "receive POST /api/receive"},
		{"GET", "/api/receive", 200, "receive GET /api/receive"},
		{"POST", "/api/sync", 200, "receive POST /api/sync"},
		{"POST", "/sync/", 200, "receive POST /sync/"},
		{"POST", "/SYNC", 200, "receive POST /SYNC"},
		{"POST", "//x", 200, "receive POST //x"},
		{"POST", "/configure", 200, "receive POST /configure"}, // not scheduled here
		{"GET", "/sync", 405, "invoked by POST"},
		{"POST", "/sync", 400, "not the invocation"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			status, _, text := serve(t, test.method, test.path, "")
			if status != test.status || !strings.Contains(text, test.want) {
				t.Errorf("%d %s", status, text)
			}
		})
	}
}

func TestTimerAnswers(t *testing.T) {
	tests := map[string]struct {
		body   string
		status int
		log    string
	}{
		"success":   {`{"Data":{"timer":{"IsPastDue":true}},"Metadata":{}}`, 200, `{"name":"recover","timer":{"PastDue":true,"Next":""}}`},
		"failure":   {`{"Data":{"timer":{"ScheduleStatus":{"Next":"fail"}}},"Metadata":{}}`, 500, "recover failed: marker"},
		"no JSON":   {`{"Data"`, 400, "not the invocation of a timer"},
		"too large": {`{"Data":{"timer":null},"Metadata":"` + strings.Repeat("x", 64<<10) + `"}`, 400, "64 KiB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, header, text := serve(t, "POST", "/recover", test.body)
			var answer struct {
				Outputs     map[string]any
				Logs        []string
				ReturnValue any
			}
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&answer); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if _, err := d.Token(); err != io.EOF {
				t.Errorf("more after the answer: %s", text)
			}
			if status != test.status || header.Get("Content-Type") != "application/json" || answer.Outputs == nil || len(answer.Logs) != 1 || !strings.Contains(answer.Logs[0], test.log) {
				t.Errorf("%d %v %s", status, header, text)
			}
			if !strings.Contains(text, `"ReturnValue":null`) {
				t.Errorf("no ReturnValue: %s", text)
			}
		})
	}
}
