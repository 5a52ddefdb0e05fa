package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
)

const faulty = "./testdata/faulty"

// The action, as it is deployed, answers as every adapter does.
func TestAdapter(t *testing.T) {
	programs := make(map[string]string)
	adaptertest.Run(t, adaptertest.Platform{
		Name: "openwhisk",
		Start: func(t *testing.T, s adaptertest.Start) adaptertest.Target {
			pkg := "."
			if s.Faulty {
				pkg = faulty
			}
			if programs[pkg] == "" {
				programs[pkg] = build(t, pkg)
			}
			env := []string{"__OW_API_HOST=http://127.0.0.1"}
			for name, value := range s.Env {
				env = append(env, name+"="+value)
			}
			return startProxy(t, programs[pkg], env, nil)
		},
		Lacks: map[adaptertest.Feature]string{
			adaptertest.Paths:          "a web action serves every path below its own",
			adaptertest.RepeatedHeader: "OpenWhisk hands over one value a header",
			adaptertest.OtherTypes:     "OpenWhisk changes bodies of text: 415",
			adaptertest.Chunked:        "OpenWhisk reads bodies whole before it hands them over",
			adaptertest.LargeBody:      "OpenWhisk refuses payloads of more than 1 MB itself",
			adaptertest.TooLargeBody:   "OpenWhisk refuses payloads of more than 1 MB itself",
		},
	})
}

// Settings may be bound parameters; what OpenWhisk waits for comes first.
func TestParameters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	p := startProxy(t, build(t, "."), []string{"__OW_WAIT_FOR_ACK=1"}, map[string]any{
		"DT_SIGNATURE_SECRET": "a-secret-of-good-length", "DT_SINK": "file://" + filepath.ToSlash(path),
	})
	if line, err := p.answer.ReadString('\n'); err != nil || strings.TrimSpace(line) != `{"ok":true}` {
		t.Fatalf("acknowledged with %q, %v", line, err)
	}
	got, err := p.Do(t.Context(), adaptertest.Request{Method: "POST", Body: []byte("{}")})
	if err != nil || got.Status != 401 || !strings.Contains(string(got.Body), "signature-missing") {
		t.Errorf("%d %s, %v", got.Status, got.Body, err)
	}
	// Not raw: the bytes are lost, and the parameters may be the sender's.
	line, err := p.invoke(map[string]any{"__ow_method": "post", "__ow_headers": map[string]any{}, "event": map[string]any{}})
	if err != nil || !strings.Contains(string(line), `"statusCode":500`) {
		t.Errorf("not raw: %s, %v", line, err)
	}
	// Text: bytes may have been replaced.
	got, err = p.Do(t.Context(), adaptertest.Request{Method: "POST", Header: [][2]string{{"Content-Type", "text/plain"}}, Body: []byte("x")})
	if err != nil || got.Status != 415 || !strings.Contains(string(got.Body), "content-type") {
		t.Errorf("text: %d %s, %v", got.Status, got.Body, err)
	}
	// What is not understood is answered too, and the instance lives on.
	p.bind = nil
	for _, value := range []map[string]any{{}, {"job": 7}, {"job": "dance"}} {
		if line, err = p.invoke(value); err != nil || !strings.Contains(string(line), `"error":"no such scheduled function`) {
			t.Errorf("%v: %s, %v", value, line, err)
		}
	}
	got, err = p.Do(t.Context(), adaptertest.Request{Method: "POST", Body: []byte("{}")})
	if err != nil || got.Status != 500 || !strings.Contains(string(got.Body), `"settings"`) || !strings.Contains(p.log.String(), "DT_SINK: not set") {
		t.Errorf("without settings: %d %s, %v\n%s", got.Status, got.Body, err, p.log)
	}
}

// A trigger runs the scheduled functions.
func TestJobs(t *testing.T) {
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	name := w.Connector(t, dtcloud.Connector{})
	dir := filepath.ToSlash(t.TempDir())
	objects := newObjects(t)
	bind := map[string]any{
		"DT_CONNECTORS": string(name), "DT_CONNECTOR_CONFIG": `{"displayName":"Named"}`,
		"DT_SINK": "file://" + dir + "/events.ndjson", "DT_CHECKPOINT": "s3://" + objects.Listener.Addr().String() + "/bucket/dt",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "marked-secret", "AWS_REGION": "eu-de",
	}
	for variable, value := range w.Environment() {
		bind[variable] = value
	}
	p := startProxy(t, build(t, "."), nil, bind)
	for job, want := range map[string]string{"sync": `"synced":true`, "configure": `"changed":true`, "recover": `"status":"ACTIVE"`} {
		line, err := p.invoke(map[string]any{"job": job})
		if err != nil || !strings.Contains(string(line), want) || strings.Contains(string(line), `"error"`) {
			t.Errorf("%s: %s, %v\n%s", job, line, err, p.log)
		}
	}
	if is, err := w.Cloud.Connector(string(name)); err != nil || is.DisplayName != "Named" {
		t.Errorf("%+v, %v", is, err)
	}
	if saved := objects.saved(); len(saved) != 1 || !strings.HasPrefix(saved[0], "/bucket/dt/") {
		t.Errorf("checkpoints in object storage: %q", saved)
	}
}

// objects is as much of Object Storage as one checkpoint takes. That the driver keeps to
// S3's rules is tested where it is.
type objects struct {
	*httptest.Server

	mu    sync.Mutex
	names []string
}

func newObjects(t *testing.T) *objects {
	t.Helper()
	o := new(objects)
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut || !strings.Contains(r.Header.Get("Authorization"), "Credential=key/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-de/s3/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.names = append(o.names, r.URL.Path)
		w.Header().Set("Etag", fmt.Sprintf(`"%d"`, len(o.names)))
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *objects) saved() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.names)
}

// Requests as OpenWhisk and the hosts built on it hand them over, with an event that
// DT Cloud itself signed.
func TestRealRequests(t *testing.T) {
	data, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var requests []struct {
		ID     string
		Params map[string]any
	}
	if err := json.Unmarshal(data, &requests); err != nil {
		t.Fatal(err)
	}
	p := startProxy(t, build(t, "."), nil, map[string]any{"DT_SINK": "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "events.ndjson"))})
	for _, r := range requests {
		// Its token has expired since; that is found after the signature was verified,
		// so the bytes are exact. Of changed ones it is found too.
		line, err := p.invoke(maps.Clone(r.Params))
		if err != nil || !strings.Contains(string(line), `"token-expired"`) {
			t.Errorf("%s: %s, %v", r.ID, line, err)
		}
	}
	if len(requests) < 2 {
		t.Errorf("%d requests", len(requests))
	}
}
