package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/dt-functions/dt-functions/aws/runtimetest"
)

// programs are the paths of the bootstrap, as it is deployed and with a defect.
var programs struct{ sound, faulty string }

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if programs.sound, err = runtimetest.Build(context.Background(), dir); err == nil {
		programs.faulty, err = runtimetest.Build(context.Background(), dir, "faulty")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// A world is a function at work.
type world struct {
	server  *runtimetest.Server
	process *runtimetest.Process
}

// start starts the bootstrap with env, and waits until it is ready.
func start(t *testing.T, env map[string]string) *world {
	t.Helper()
	return startProgram(t, programs.sound, env)
}

func startProgram(t *testing.T, program string, env map[string]string) *world {
	t.Helper()
	w := launch(t, program, env)
	select {
	case <-w.server.Ready():
	case <-w.process.Ended():
		t.Fatalf("the function did not start:\n%s", w.process.Log())
	}
	return w
}

// launch starts a program with env, and does not wait.
func launch(t *testing.T, program string, env map[string]string) *world {
	t.Helper()
	server, err := runtimetest.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	process, err := server.StartProcess(program, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Kill()
		_ = server.Close()
		if t.Failed() {
			t.Logf("log of the function:\n%s", process.Log())
		}
	})
	return &world{server: server, process: process}
}

// invoke invokes the function with event, as JSON.
func (w *world) invoke(t *testing.T, event any) runtimetest.Result {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.server.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
