package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/dt-functions/dt-functions/shared/signature"
)

const secretText = "s3cr3t-MARK-of-some-length"

// binary is the server, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dtfn-server-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "server")
	if err := goBuild(binary, "."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// goBuild builds a program as it is shipped.
func goBuild(to, pkg string) error {
	build := exec.Command("go", "build", "-o", to, pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// A process is the built server.
type process struct {
	cmd     *exec.Cmd
	address string // of PORT
	metrics string // of METRICS_PORT
	ended   chan struct{}

	mu  sync.Mutex
	log []logLine
}

type logLine struct {
	Level, Msg, Address, Outcome, Error string
	text                                string
}

// command returns the server with that environment and nothing else.
func command(t *testing.T, args []string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append([]string{"PORT=0", "DT_SIGNATURE_SECRET=" + secretText}, env...)
	return cmd
}

// start starts the server and waits until it listens.
func start(t *testing.T, env ...string) *process {
	t.Helper()
	return launch(t, command(t, nil, env...))
}

func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, ended: make(chan struct{})}
	stderr, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	wantMetrics := false
	for _, v := range cmd.Env {
		wantMetrics = wantMetrics || strings.HasPrefix(v, "METRICS_PORT=")
	}
	ready := make(chan struct{})
	go func() {
		defer close(p.ended)
		p.read(stderr, wantMetrics, sync.OnceFunc(func() { close(ready) }))
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	t.Cleanup(p.kill)
	select {
	case <-ready:
	case <-p.ended:
		t.Fatalf("the server ended by itself:\n%s", p.text())
	}
	return p
}

// read reads the log until the server ends.
func (p *process) read(log io.Reader, wantMetrics bool, ready func()) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := logLine{text: lines.Text()}
		_ = json.Unmarshal(lines.Bytes(), &line) // what is no JSON has its text
		p.mu.Lock()
		p.log = append(p.log, line)
		switch _, port, _ := net.SplitHostPort(line.Address); line.Msg {
		case "listening":
			p.address = net.JoinHostPort("127.0.0.1", port)
		case "serving metrics":
			p.metrics = net.JoinHostPort("127.0.0.1", port)
		}
		listens := p.address != "" && (p.metrics != "" || !wantMetrics)
		p.mu.Unlock()
		if listens {
			ready()
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, l := range p.log {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop tells the server to stop, waits until it has, and returns its exit code.
func (p *process) stop(t *testing.T) int {
	t.Helper()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// get returns the status and the body at a path.
func get(t *testing.T, address, path string) (int, string) {
	t.Helper()
	answer, err := http.Get("http://" + address + path)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, strings.TrimSpace(string(body))
}

// awaitStatus waits until a path answers with that status.
func awaitStatus(t *testing.T, address, path string, want int) {
	t.Helper()
	for t.Context().Err() == nil {
		if status, _ := get(t, address, path); status == want {
			return
		}
	}
	t.Fatalf("%s never answered %d", path, want)
}

const eventBody = `{"event":{"eventId":%q,"targetName":"projects/p1/devices/d1","eventType":"touch","data":{"touch":{"updateTime":"2026-01-01T00:00:00Z"}},` +
	`"timestamp":"2026-01-01T00:00:00Z"},"labels":{},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"touch"}}`

// A sender signs events and posts them.
type sender struct {
	client *http.Client
	signer *signature.Signer
}

func newSender(t testing.TB) sender {
	t.Helper()
	signer, err := signature.NewSigner([]byte(secretText))
	must(t, err)
	return sender{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, signer}
}

// post posts the event of that id and returns the answer's status and body.
func (s sender) post(address, id string) (int, string, error) {
	event := fmt.Sprintf(eventBody, id)
	request, err := http.NewRequest(http.MethodPost, "http://"+address+"/", strings.NewReader(event))
	if err != nil {
		return 0, "", err
	}
	if err := s.signer.SignHeader(request.Header, []byte(event)); err != nil {
		return 0, "", err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
