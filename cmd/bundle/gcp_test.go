package main

import (
	"archive/zip"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// generatedMain is what the buildpack makes for declarative functions (buildpacks:
// cmd/go/functions_framework, main file template).
const generatedMain = `package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	_ "github.com/dt-functions/dt-functions"
)

func main() {
	if err := funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")); err != nil {
		log.Fatal(err)
	}
}
`

// The archive for Google Cloud is built as the buildpack builds it: unpacked, a main
// package made, compiled from vendor/ without a network; and it receives events.
func TestGCPArchive(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	archive := filepath.Join(dir, "gcp.zip")
	if err := buildGCP(t.Context(), archive); err != nil {
		t.Fatal(err)
	}
	app := filepath.Join(dir, "app")
	unpack(t, archive, app)
	for _, name := range []string{"go.mod", "go.sum", "function.go", "vendor/modules.txt",
		"vendor/github.com/GoogleCloudPlatform/functions-framework-go/funcframework/framework.go"} {
		if _, err := os.Stat(filepath.Join(app, name)); err != nil {
			t.Error(err)
		}
	}
	mainDir := filepath.Join(app, "serverless_function_app")
	if err := os.Mkdir(mainDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mainDir, "main.go"), []byte(generatedMain), 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "main")
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=vendor", "-ldflags=-s -w", "-o", program, "./serverless_function_app")
	build.Dir = app
	build.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	const secret = "a-secret-of-good-length"
	events := filepath.Join(dir, "events.ndjson")
	address := freeAddress(t)
	_, port, _ := strings.Cut(address, ":")
	server := exec.Command(program)
	server.Env = append(os.Environ(), "PORT="+port, "FUNCTION_TARGET=Receive", "DT_SIGNATURE_SECRET="+secret, "DT_SINK=file://"+filepath.ToSlash(events))
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	waitUntilOpen(t, address)

	const body = `{"event":{"eventId":"the-event","targetName":"projects/p/devices/d","eventType":"touch","data":{"touch":{}},"timestamp":"2026-11-01T08:00:00Z"}}`
	signer, err := signature.NewSigner([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		token string
		want  int
	}{{token, 200}, {"", 401}} {
		r, err := http.NewRequest(http.MethodPost, "http://"+address+"/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if test.token != "" {
			r.Header.Set(signature.HeaderSymmetric, test.token)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("status %d, want %d", response.StatusCode, test.want)
		}
	}
	if stored, err := os.ReadFile(events); err != nil || !strings.Contains(string(stored), `"the-event"`) {
		t.Errorf("%v: %s", err, stored)
	}
}

func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "_test.go") {
			t.Errorf("the archive has a test in it: %s", f.Name)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(from)
		from.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, f.Mode()); err != nil {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func waitUntilOpen(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			connection.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it does not listen")
		}
	}
}
