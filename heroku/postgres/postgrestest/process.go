//go:build linux

package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// A running server.
type running struct {
	process *os.Process
	ready   chan struct{} // closed when it takes connections
	ended   chan struct{} // closed when the process and all its output have ended

	mu  sync.Mutex
	log []string // what it has logged
}

// Restart starts the cluster, after Kill or Stop on the data that is there, and
// waits until it takes connections.
func (c *Cluster) Restart(ctx context.Context) error {
	// After a kill the orphaned processes of the last server hold its shared
	// memory for a moment, and the new one refuses to start.
	for {
		r, err := c.launch()
		if err != nil {
			return err
		}
		select {
		case <-r.ready:
			c.run = r
			return nil
		case <-ctx.Done():
			return errors.Join(ctx.Err(), r.process.Kill())
		case <-r.ended:
		}
		if log := r.text(); !strings.Contains(log, "still in use") && !strings.Contains(log, "already exists") {
			return errors.New("postgres ended by itself:\n" + log)
		}
	}
}

func (c *Cluster) launch() (*running, error) {
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(c.port), "-c", "max_connections=120",
		"-c", "ssl=on", "-c", "ssl_cert_file="+c.Certificate(), "-c", "ssl_key_file="+filepath.Join(c.dir, keyFile))
	for _, setting := range c.settings {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	c.as.apply(cmd)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	r := &running{process: cmd.Process, ready: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.read(stderr)
		_ = cmd.Wait() // how it ended is in the log
	}()
	return r, nil
}

// read follows the server's log to its end, which is when its last process ends.
func (r *running) read(log io.Reader) {
	lines := bufio.NewScanner(log)
	once := sync.OnceFunc(func() { close(r.ready) })
	for lines.Scan() {
		r.mu.Lock()
		r.log = append(r.log, lines.Text())
		r.mu.Unlock()
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			once()
		}
	}
}

func (r *running) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "\n")
}

// Log returns what the server has logged since it was started; "" while it is
// stopped.
func (c *Cluster) Log() string {
	if c.run == nil {
		return ""
	}
	return c.run.text()
}

// Kill ends the server as a crash does, with SIGKILL, and waits until all its
// processes are gone.
func (c *Cluster) Kill() error {
	if c.run == nil {
		return nil
	}
	// Its children would notice and end, unless they are halted.
	return errors.Join(c.signalAll(syscall.SIGKILL), c.end(syscall.SIGKILL))
}

// Stop ends the server in good order: connections are closed at once.
func (c *Cluster) Stop() error { return c.end(syscall.SIGINT) }

func (c *Cluster) end(signal syscall.Signal) error {
	if c.run == nil {
		return nil
	}
	if err := c.run.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-c.run.ended
	c.run = nil
	return nil
}

// Pause halts the server's processes, as an overloaded machine or a network that
// drops everything does, until Resume.
func (c *Cluster) Pause() error { return c.signalAll(syscall.SIGSTOP) }

// Resume lets the server go on after Pause.
func (c *Cluster) Resume() error { return c.signalAll(syscall.SIGCONT) }

// signalAll sends a signal to the server and its processes, one a connection.
func (c *Cluster) signalAll(signal syscall.Signal) error {
	pid := strconv.Itoa(c.run.process.Pid)
	children, err := os.ReadFile(filepath.Join("/proc", pid, "task", pid, "children"))
	if err != nil {
		return err
	}
	for _, child := range append(strings.Fields(string(children)), pid) {
		id, err := strconv.Atoi(child)
		if err != nil {
			return err
		}
		// One that has ended meanwhile needs no signal.
		if err := syscall.Kill(id, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}
