//go:build platforms && linux

package kafkatest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// A running broker.
type running struct {
	process *os.Process
	ready   chan struct{} // closed when it takes requests
	ended   chan struct{} // closed when the process and its output have ended

	mu  sync.Mutex
	log []string // what it has logged
}

// Restart starts the broker, after Kill or Stop on the data that is there, and waits
// until it takes requests.
func (b *Broker) Restart(ctx context.Context) error {
	r, err := b.launch()
	if err != nil {
		return err
	}
	b.run = r
	select {
	case <-r.ready:
		return nil
	case <-r.ended:
		b.run = nil
		return errors.New("kafka ended by itself:\n" + r.text())
	case <-ctx.Done():
		return fmt.Errorf("kafka did not start: %w\n%s", ctx.Err(), r.text())
	}
}

func (b *Broker) launch() (*running, error) {
	cmd := exec.Command("java", b.java("kafka.Kafka", b.properties())...)
	cmd.Dir = b.dir
	// A test that is ended by its time limit closes nothing.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer writer.Close()
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("kafka: %w", err), reader.Close())
	}
	r := &running{process: cmd.Process, ready: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		defer reader.Close()
		r.read(reader)
		_ = cmd.Wait() // how it ended is in the log
	}()
	return r, nil
}

// read follows the broker's log to its end.
func (r *running) read(log io.Reader) {
	lines := bufio.NewReader(log)
	ready := sync.OnceFunc(func() { close(r.ready) })
	for {
		line, err := lines.ReadString('\n')
		r.mu.Lock()
		r.log = append(r.log, line)
		r.mu.Unlock()
		if strings.Contains(line, "Kafka Server started") {
			ready()
		}
		if err != nil {
			return
		}
	}
}

func (r *running) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "")
}

// Log returns what the broker has logged since it was started; "" while it is
// stopped.
func (b *Broker) Log() string {
	if b.run == nil {
		return ""
	}
	return b.run.text()
}

// Kill ends the broker as a crash does, with SIGKILL, and waits until it is gone.
func (b *Broker) Kill() error { return b.end(syscall.SIGKILL) }

// Stop ends the broker in good order.
func (b *Broker) Stop() error { return b.end(syscall.SIGTERM) }

func (b *Broker) end(signal syscall.Signal) error {
	if b.run == nil {
		return nil
	}
	if err := b.run.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-b.run.ended
	b.run = nil
	return nil
}

// Pause halts the broker, as an overloaded machine or a network that drops everything
// does, until Resume.
func (b *Broker) Pause() error { return b.run.process.Signal(syscall.SIGSTOP) }

// Resume lets the broker go on after Pause.
func (b *Broker) Resume() error { return b.run.process.Signal(syscall.SIGCONT) }
