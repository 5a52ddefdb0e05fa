//go:build peers

package main_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// DT's own Python packages, a client and a receiver that nobody here wrote, work
// with `dtfn cloud`. `make test-peers` installs them.
func TestPeers(t *testing.T) {
	python := os.Getenv("DTFN_PEERS_PYTHON")
	if python == "" {
		t.Fatal("DTFN_PEERS_PYTHON is not set: run this by make test-peers, which installs DT's packages")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	program := filepath.Join(t.TempDir(), "dtfn")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cloud := exec.CommandContext(ctx, program, "cloud", "--listen", "127.0.0.1:0")
	cloud.Stderr = os.Stderr
	out, err := cloud.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cloud.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cloud.Wait(); err != nil {
			t.Errorf("dtfn cloud: %v", err)
		}
	}()
	peers := exec.CommandContext(ctx, python, filepath.Join("testdata", "peers", "peers.py"))
	peers.Env = os.Environ()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		peers.Env = append(peers.Env, lines.Text())
		if strings.HasPrefix(lines.Text(), "DT_TOKEN_URL=") { // the last
			break
		}
	}
	report, err := peers.CombinedOutput()
	t.Logf("\n%s", report)
	if err != nil {
		t.Error(err)
	}
}
