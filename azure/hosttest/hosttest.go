// Package hosttest is a stand-in for the Azure Functions host, for tests of a custom
// handler as a process of its own: it starts the handler, polls it, hands it HTTP
// requests in each of the host's three modes, and invokes its timers.
//
// It does what the host does in DefaultHttpWorkerService.cs and
// ScriptInvocationContextExtensions.cs (github.com/Azure/azure-functions-host), as far
// as a handler can see it.
package hosttest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Mode is how the host hands HTTP requests over.
type Mode int

const (
	// Proxying is enableProxyingHttpRequest: as they were sent.
	Proxying Mode = iota
	// Forwarding is enableForwardingHttpRequest: the same, but without a body unless
	// its length was announced.
	Forwarding
	// Envelope is neither: as JSON.
	Envelope
)

// String returns the mode's name.
func (m Mode) String() string { return [...]string{"proxying", "forwarding", "envelope"}[m] }

// Options say what is started.
type Options struct {
	// Program is the handler, Args are its arguments.
	Program string
	Args    []string
	// Env is its environment, as Name=value, besides what the host sets.
	Env []string
	// App is the folder with host.json and a folder a function.
	App string
	// Mode is how HTTP requests are handed over, whatever host.json says.
	Mode Mode
	// Older starts the handler as older hosts do: the
	// port is in FUNCTIONS_HTTPWORKER_PORT alone.
	Older bool
}

// A Host is a running stand-in with its handler.
type Host struct {
	// URL is where the app is served; receive is at URL/api/receive.
	URL string
	// Ready is how long the handler took from its start to its answer to the poll.
	Ready time.Duration

	mode    Mode
	routes  []route
	base    string // the handler's URL
	client  *http.Client
	process *exec.Cmd
	exited  chan struct{}
	stdout  string // files: what the handler has written is there at once
	stderr  string
}

// pollTime is how long the host waits for a handler (HttpWorkerOptions.cs).
const pollTime = 30 * time.Second

// Start starts a handler and serves its app until t ends.
func Start(t testing.TB, o Options) *Host {
	t.Helper()
	h, err := Try(t, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Log())
	}
	return h
}

// Try is Start for handlers that may exit instead of answering the poll; then it
// returns an error, beside a Host that serves nothing.
func Try(t testing.TB, o Options) (*Host, error) {
	t.Helper()
	port := freePort(t)
	h := &Host{
		mode: o.Mode, routes: readRoutes(t, o.App), base: "http://127.0.0.1:" + port,
		exited: make(chan struct{}),
		// The host follows no redirects and keeps no cookies.
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	h.process = exec.Command(o.Program, o.Args...)
	h.process.Env = append([]string{"FUNCTIONS_APP_ROOT_PATH=" + o.App, "FUNCTIONS_HTTPWORKER_PORT=" + port}, o.Env...)
	if !o.Older {
		h.process.Env = append(h.process.Env, "FUNCTIONS_CUSTOMHANDLER_PORT="+port)
	}
	var stdout, stderr *os.File
	stdout, h.stdout = newFile(t, "stdout")
	stderr, h.stderr = newFile(t, "stderr")
	defer stdout.Close()
	defer stderr.Close()
	h.process.Stdout, h.process.Stderr = stdout, stderr
	start := time.Now()
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = h.process.Wait()
		close(h.exited)
	}()
	t.Cleanup(h.Kill)
	if err := h.poll(start); err != nil {
		return h, err
	}
	front := httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(front.Close)
	h.URL = front.URL
	return h, nil
}

// poll asks for / until there is an answer, whatever it is.
func (h *Host) poll(start time.Time) error {
	for deadline := start.Add(pollTime); time.Now().Before(deadline); {
		answer, err := h.client.Get(h.base + "/")
		if err == nil {
			h.Ready = time.Since(start)
			return answer.Body.Close()
		}
		select {
		case <-h.exited:
			return fmt.Errorf("the handler exited with code %d", h.process.ProcessState.ExitCode())
		case <-time.After(time.Millisecond):
		}
	}
	return errors.New("the handler did not answer the poll")
}

// Stop tells the handler to stop, and returns its exit code when it has.
func (h *Host) Stop() int {
	_ = h.process.Process.Signal(syscall.SIGTERM)
	<-h.exited
	return h.process.ProcessState.ExitCode()
}

// Kill ends the handler at once.
func (h *Host) Kill() {
	_ = h.process.Process.Kill()
	<-h.exited
}

// ExitCode returns the exit code of a handler that has exited.
func (h *Host) ExitCode() int {
	<-h.exited
	return h.process.ProcessState.ExitCode()
}

// HandlerURL returns where the handler is, which only the host knows.
func (h *Host) HandlerURL() string { return h.base }

// Log returns what the handler has written to standard error.
func (h *Host) Log() string { return read(h.stderr) }

// Stdout returns what the handler has written to standard output.
func (h *Host) Stdout() string { return read(h.stdout) }

// Warnings returns the lines of the log that the host would show as warnings or as
// errors (WorkerProcess.cs).
func (h *Host) Warnings() []string {
	var shown []string
	for line := range strings.Lines(h.Log()) {
		lower := strings.ToLower(line)
		if slices.ContainsFunc([]string{"warn", "error", "fail", "severe"}, func(word string) bool { return strings.Contains(lower, word) }) {
			shown = append(shown, strings.TrimSpace(line))
		}
	}
	return shown
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func newFile(t testing.TB, name string) (*os.File, string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	return file, file.Name()
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
