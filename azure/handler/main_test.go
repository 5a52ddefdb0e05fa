package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/azure/wiring"
	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// Either variable in the environment of this test program makes it the handler.
const (
	// clockVariable is a time in Unix seconds, at which the handler then is: what was
	// signed in 2022 is to be verified then.
	clockVariable = "TEST_HANDLER_CLOCK"
	// faultyVariable gives it a sink that panics.
	faultyVariable = "TEST_HANDLER_FAULTY"
)

const (
	app           = "../app"
	signingSecret = "a-secret-of-some-length"
)

// built is the handler, built as it is deployed.
var built string

func TestMain(m *testing.M) {
	clock, faulty := os.Getenv(clockVariable), os.Getenv(faultyVariable)
	if clock != "" || faulty != "" {
		os.Exit(handler(clock, faulty))
	}
	os.Exit(run(m))
}

func handler(clock, faulty string) int {
	p := wiring.Process{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr}
	if clock != "" {
		seconds, err := strconv.ParseInt(clock, 10, 64)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		p.Now = func() time.Time { return time.Unix(seconds, 0) }
	}
	if faulty != "" {
		p.Sinks = sink.Drivers{"panic": adaptertest.PanicSink}
	}
	return wiring.Run(context.Background(), p)
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "handler")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	built = filepath.Join(folder, "handler")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", built, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// A deployment is a handler under a host, with a file as its sink.
type deployment struct {
	*hosttest.Host
	file string
}

func deploy(t testing.TB, o hosttest.Options, env ...string) *deployment {
	t.Helper()
	d := &deployment{file: filepath.Join(t.TempDir(), "events.ndjson")}
	if o.Program == "" {
		o.Program = built
	}
	o.App = app
	// Of a name that is there twice, the last counts.
	o.Env = append([]string{"DT_SIGNATURE_SECRET=" + signingSecret, "DT_SINK=file://" + d.file}, append(o.Env, env...)...)
	d.Host = hosttest.Start(t, o)
	return d
}

// events returns what the sink has, a line an event.
func (d *deployment) events(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(d.file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func event(id string) []byte {
	return fmt.Appendf(nil, `{"event":{"eventId":%q,"targetName":"projects/p1/devices/d1","eventType":"touch","data":{"touch":{"updateTime":"2026-01-01T00:00:00Z"}},"timestamp":"2026-01-01T00:00:00Z"},`+
		`"labels":{"name":"Kjøl 冷蔵庫"},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"touch","productNumber":""}}`, id)
}

// signed returns a request as DT sends it. A chunked one does not announce its length.
func signed(t testing.TB, url string, body []byte, chunked bool) *http.Request {
	t.Helper()
	signer, err := signature.NewSigner([]byte(signingSecret))
	if err != nil {
		t.Fatal(err)
	}
	var reader io.Reader = bytes.NewReader(body)
	if chunked {
		reader = io.MultiReader(reader) // whose length net/http does not see
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/receive", reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if err := signer.SignHeader(r.Header, body); err != nil {
		t.Fatal(err)
	}
	return r
}

// send sends a request and returns status and body of the answer.
func send(t testing.TB, r *http.Request) (int, string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
