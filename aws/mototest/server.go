// Package mototest runs moto, an implementation of AWS's services for tests, as its
// own process. DTFN_MOTO_SERVER says where the program is.
package mototest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// Region is the region that everything is in.
const Region = "eu-west-1"

// Account is the id of the account that everything belongs to.
const Account = "123456789012"

// A Server is moto at work.
type Server struct {
	// URL is where it listens, for AWS_ENDPOINT_URL. It stays the same when the server
	// is restarted.
	URL string
	// Client calls it.
	Client *awsapi.Client

	program   string
	recording string // file of the requests so far; "" for none
	process   *exec.Cmd
	ended     chan struct{}
}

// Start starts a server that ends with the test. The log is part of its failure.
func Start(t *testing.T) *Server { return start(t, "") }

// StartDurable starts a server that has its data back after Restart. moto keeps data
// in memory, but can write down each request before it handles it, and do all of them
// again.
func StartDurable(t *testing.T) *Server {
	return start(t, filepath.Join(t.TempDir(), "recording"))
}

func start(t *testing.T, recording string) *Server {
	t.Helper()
	program := os.Getenv("DTFN_MOTO_SERVER")
	if program == "" {
		t.Fatal("DTFN_MOTO_SERVER is not set: run make test-platforms, which installs moto and sets it")
	}
	s := &Server{program: program, recording: recording}
	if err := s.launch("0", recording != ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.Client = awsapi.New(awsapi.Config{Env: s.Env(), AttemptTimeout: 20 * time.Second})
	return s
}

// Env returns the variables of a program that uses the server.
func (s *Server) Env() settings.Environment {
	return settings.Environment{
		"AWS_REGION": Region, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
		"AWS_SESSION_TOKEN": "testing", "AWS_ENDPOINT_URL": s.URL,
	}
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	_ = s.process.Process.Kill() // it may have ended
	<-s.ended
}

// Restart starts the server again, after Kill, with the data of a durable one. From
// then on it is not durable any more: what comes in while the recording is replayed
// would be written into it.
func (s *Server) Restart(ctx context.Context) error {
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	if s.recording == "" {
		return s.launch(port, false)
	}
	if err := s.dropTorn(); err != nil {
		return err
	}
	if err := s.launch(port, false); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/moto-api/recorder/replay-recording", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("replaying the recording: %s", resp.Status)
	}
	return nil
}

// dropTorn removes the end of the recording after its last whole line: a request that
// was being written down when the server was killed, and so was never answered.
func (s *Server) dropTorn() error {
	data, err := os.ReadFile(s.recording)
	if err != nil {
		return err
	}
	return os.Truncate(s.recording, int64(bytes.LastIndexByte(data, '\n')+1))
}

// launch starts the program, to write down requests or not, and waits until it listens.
func (s *Server) launch(port string, record bool) error {
	cmd := exec.Command(s.program, "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+Account, "MOTO_EVENTS_INVOKE_HTTP=false", "PYTHONUNBUFFERED=1")
	if s.recording != "" {
		cmd.Env = append(cmd.Env, "MOTO_RECORDER_FILEPATH="+s.recording)
	}
	if record {
		cmd.Env = append(cmd.Env, "MOTO_ENABLE_RECORDING=1")
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("moto: %w", err)
	}
	s.process, s.ended = cmd, make(chan struct{})
	address := make(chan string, 1)
	go func(ended chan struct{}) {
		defer close(ended)
		found := sync.OnceFunc(func() { close(address) })
		lines := bufio.NewScanner(log)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			// " * Running on http://127.0.0.1:41025"
			if _, url, ok := strings.Cut(lines.Text(), "Running on "); ok {
				address <- strings.TrimSpace(url)
				found()
			}
		}
		found()
		_ = cmd.Wait() // it is always killed
	}(s.ended)
	url, ok := <-address
	if !ok {
		return errors.New("moto ended by itself; run it by hand to see why: " + s.program)
	}
	s.URL = url
	return nil
}
