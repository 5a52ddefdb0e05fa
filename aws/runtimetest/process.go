package runtimetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// bootstrap is the package of the program that Lambda runs.
const bootstrap = "github.com/dt-functions/dt-functions/aws/bootstrap"

// errNotBuilt means that there is no program to start.
var errNotBuilt = errors.New("the bootstrap could not be built")

// Build builds the bootstrap for this machine as it is built for Lambda, and returns
// the program's path in dir. tags are further build tags.
func Build(ctx context.Context, dir string, tags ...string) (string, error) {
	path := filepath.Join(dir, strings.Join(append([]string{"bootstrap"}, tags...), "-"))
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", strings.Join(append([]string{"lambda.norpc"}, tags...), ","), "-trimpath", "-ldflags=-s -w", "-o", path, bootstrap)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %w\n%s", errNotBuilt, err, out)
	}
	return path, nil
}

// A Process is a runtime at work. It ends by Kill only: Lambda freezes processes, and
// ends them without a word.
type Process struct {
	cmd   *exec.Cmd
	log   log
	ended chan struct{}
}

// StartProcess starts program with env and nothing else in its environment, to serve s.
func (s *Server) StartProcess(program string, env map[string]string) (*Process, error) {
	p := &Process{cmd: exec.Command(program), ended: make(chan struct{})}
	p.cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + s.Address}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its state
		close(p.ended)
	}()
	return p, nil
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// ExitCode returns how the process ended, once it has.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Kill ends the process at once and waits for that.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// Log returns what the process has written to standard output and standard error.
func (p *Process) Log() string { return p.log.String() }

type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
