// Package azuritetest starts Azurite, Microsoft's emulator of Azure Storage, for tests.
package azuritetest

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// Variable is the name of the variable that says where the program azurite is.
	Variable = "DTFN_AZURITE"
	// Account is the name of the storage account that there is.
	Account = "devaccount"
)

// A Server is an Azurite of its own, with a key, a folder and ports of its own.
type Server struct {
	program string
	folder  string
	key     string
	ports   [3]int // blob, queue, table
	process *exec.Cmd
	ended   chan struct{}
}

// Start starts a Server on an empty folder, which must exist, and returns when it
// takes requests.
func Start(ctx context.Context, folder string) (*Server, error) {
	s, err := prepare(folder)
	if err != nil {
		return nil, err
	}
	return s, s.Run(ctx)
}

func prepare(folder string) (*Server, error) {
	program := os.Getenv(Variable)
	if program == "" {
		return nil, fmt.Errorf("%s is not set: it says where the program azurite is; run these tests with make test-platforms, which installs it", Variable)
	}
	key := make([]byte, 64)
	if _, err := io.ReadFull(rand.Reader, key); err != nil {
		return nil, err
	}
	s := &Server{program: program, folder: folder, key: base64.StdEncoding.EncodeToString(key)}
	for i := range s.ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // at the end, so that each is another one
		s.ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return s, nil
}

// ConnectionString returns that of the account.
func (s *Server) ConnectionString() secret.Text {
	return secret.New(fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%[1]s;AccountKey=%[2]s;"+
		"BlobEndpoint=http://127.0.0.1:%[3]d/%[1]s;QueueEndpoint=http://127.0.0.1:%[4]d/%[1]s;", Account, s.key, s.ports[0], s.ports[1]))
}

// QueueAddress and BlobAddress return host and port of the services.
func (s *Server) QueueAddress() string { return "127.0.0.1:" + strconv.Itoa(s.ports[1]) }

// BlobAddress returns host and port of the blob service.
func (s *Server) BlobAddress() string { return "127.0.0.1:" + strconv.Itoa(s.ports[0]) }

// Run starts the server again after a Stop, with what it had then.
func (s *Server) Run(ctx context.Context) error {
	s.process = exec.Command(s.program, "--location", s.folder, "--disableTelemetry", "--skipApiVersionCheck",
		"--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
		"--blobPort", strconv.Itoa(s.ports[0]), "--queuePort", strconv.Itoa(s.ports[1]), "--tablePort", strconv.Itoa(s.ports[2]))
	s.process.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+Account+":"+s.key)
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	s.process.Stderr = s.process.Stdout
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("starting azurite (%s): %w", Variable, err)
	}
	ready := make(chan error, 1)
	s.ended = make(chan struct{})
	go s.watch(stdout, ready)
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), s.Stop())
	}
}

// watch reads what the server writes, tells when all its services listen, and then
// waits for its end.
func (s *Server) watch(stdout io.Reader, ready chan<- error) {
	var log strings.Builder
	listening := 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if listening == len(s.ports) {
			continue // a line a request
		}
		fmt.Fprintln(&log, lines.Text())
		if strings.Contains(lines.Text(), "successfully listens on") || strings.Contains(lines.Text(), "successfully listening at") {
			if listening++; listening == len(s.ports) {
				ready <- nil
			}
		}
	}
	_ = s.process.Wait()
	close(s.ended)
	if listening < len(s.ports) {
		ready <- errors.New("azurite ended by itself:\n" + log.String())
	}
}

// Stop ends the server, which breaks its connections off but keeps what it has
// accepted. A kill would not be of use: Azurite writes what it has every few seconds
// only, so what a kill would show is Azurite's loss alone.
func (s *Server) Stop() error {
	if s.process == nil || s.process.Process == nil {
		return nil
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended
	return nil
}
