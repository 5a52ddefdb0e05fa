package main_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
)

// A proxy stands in for OpenWhisk: its controller, which makes parameters of a web
// request, and its runtime proxy, which hands them to the program.
type proxy struct {
	t    *testing.T
	bind map[string]any // parameters that are bound to the action

	mu     sync.Mutex // one activation at a time
	stdin  io.WriteCloser
	answer *bufio.Reader
	log    logFile
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

// build builds a program of this module as it is deployed.
func build(t *testing.T, pkg string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "exec")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// startProxy starts the program with nothing in its environment but env.
func startProxy(t *testing.T, program string, env []string, bind map[string]any) *proxy {
	t.Helper()
	answers, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, bind: bind, answer: bufio.NewReader(answers), log: newLogFile(t)}
	cmd := exec.Command(program)
	cmd.Env = env
	cmd.ExtraFiles = []*os.File{out} // file descriptor 3
	cmd.Stdout, cmd.Stderr = p.log.File, p.log.File
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	t.Cleanup(func() {
		p.stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the action ended with %v: %s", err, p.log)
		}
		answers.Close()
	})
	return p
}

// invoke hands over an activation and returns its answer.
func (p *proxy) invoke(value map[string]any) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, bound := range p.bind {
		value[name] = bound
	}
	line, err := json.Marshal(map[string]any{
		"value": value, "activation_id": "a1", "deadline": fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()),
		"namespace": "_", "action_name": "/_/receive",
	})
	if err != nil {
		return nil, err
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	return p.answer.ReadBytes('\n')
}

// Do hands over a web request, of a raw web action.
func (p *proxy) Do(_ context.Context, r adaptertest.Request) (adaptertest.Response, error) {
	headers := make(map[string]any)
	kind := ""
	for _, pair := range r.Header {
		headers[strings.ToLower(pair[0])] = pair[1]
		if strings.EqualFold(pair[0], "Content-Type") {
			kind = pair[1]
		}
	}
	value := map[string]any{
		"__ow_method": strings.ToLower(r.Method), "__ow_headers": headers, "__ow_path": r.Path, "__ow_query": "",
		"__ow_body": rawBody(r.Body, kind),
	}
	line, err := p.invoke(value)
	if err != nil {
		return adaptertest.Response{}, fmt.Errorf("%w: %s", err, p.log)
	}
	var answer struct {
		StatusCode int
		Headers    map[string]string
		Body       json.RawMessage
		Error      string
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.Error != "" {
		return adaptertest.Response{}, fmt.Errorf("%w: %s", err, line)
	}
	header := make(http.Header)
	for name, v := range answer.Headers {
		header.Set(name, v)
	}
	return adaptertest.Response{Status: answer.StatusCode, Header: header, Body: answer.Body}, nil
}

// rawBody is what the controller makes of a body: base64 of JSON and of what is not
// text, text otherwise.
func rawBody(body []byte, contentType string) string {
	kind, _, _ := mime.ParseMediaType(contentType)
	if strings.HasPrefix(kind, "text/") {
		return strings.ToValidUTF8(string(body), "\ufffd")
	}
	return base64.StdEncoding.EncodeToString(body)
}
