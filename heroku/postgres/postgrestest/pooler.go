//go:build linux

package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// PoolerVariable is the environment variable that names the folder of pgbouncer.
const PoolerVariable = "DTFN_PGBOUNCER_BIN"

// A Pooler is a PgBouncer before a cluster. It gives a client a connection for one
// transaction at a time, and has fewer connections than clients.
type Pooler struct {
	cluster *Cluster
	port    int
	process *os.Process
	ended   chan struct{}
}

// StartPooler starts a pooler with that many connections a database. Close it before
// the cluster.
func (c *Cluster) StartPooler(ctx context.Context, connections int) (*Pooler, error) {
	bin := os.Getenv(PoolerVariable)
	if bin == "" {
		return nil, errors.New(PoolerVariable + " is not set: it names the folder of pgbouncer; `make test-platforms` installs it and sets it")
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// No parameter of a session is passed on or ignored: whoever sends one is refused.
	config := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s/users
pool_mode = transaction
default_pool_size = %d
max_client_conn = 100
`, c.port, port, c.dir, connections)
	users := fmt.Sprintf("%q %q\n", role, password)
	for name, text := range map[string]string{"pgbouncer.ini": config, "users": users} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if err := c.as.own(c.dir); err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, "pgbouncer"), filepath.Join(c.dir, "pgbouncer.ini"))
	c.as.apply(cmd)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Pooler{cluster: c, port: port, process: cmd.Process, ended: make(chan struct{})}
	ready := make(chan struct{})
	var log []string
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			log = append(log, lines.Text())
			if strings.Contains(lines.Text(), "process up") {
				close(ready)
			}
		}
		_ = cmd.Wait() // how it ended is in the log
	}()
	select {
	case <-ready:
		return p, nil
	case <-p.ended:
		return nil, errors.New("pgbouncer ended by itself:\n" + strings.Join(log, "\n"))
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), p.Close())
	}
}

// Through returns a URL of the cluster with the pooler's port instead.
func (p *Pooler) Through(rawURL string) string {
	return strings.Replace(rawURL, ":"+strconv.Itoa(p.cluster.port)+"/", ":"+strconv.Itoa(p.port)+"/", 1)
}

// Close ends the pooler.
func (p *Pooler) Close() error {
	err := p.process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
