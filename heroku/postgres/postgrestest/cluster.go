//go:build linux

// Package postgrestest runs throw-away PostgreSQL servers for tests: a cluster in a
// folder of its own, on a loopback port, that is gone when it is closed.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// BinVariable is the environment variable that names the folder of initdb and
// postgres.
const BinVariable = "DTFN_POSTGRES_BIN"

const (
	role     = "dtfn"
	password = "p@ss/word:1" // what must be escaped in a URL
)

// A Cluster is a PostgreSQL server of its own.
type Cluster struct {
	bin  string
	dir  string
	port int
	as   *account // nil means the account of this process
	run  *running // nil while it is stopped

	settings []string
}

// Start makes a cluster and starts it, with settings such as "fsync=off" beside the
// server's defaults. Close it after use.
func Start(ctx context.Context, settings ...string) (*Cluster, error) {
	bin := os.Getenv(BinVariable)
	if bin == "" {
		return nil, errors.New(BinVariable + " is not set: it names the folder of initdb and postgres (version 15); `make test-platforms` installs them and sets it")
	}
	// PostgreSQL refuses to run as root, and its account must reach the folder.
	dir, err := os.MkdirTemp("/tmp", "dtfn-postgres-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir, settings: settings}
	if err := c.create(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := c.Restart(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) create(ctx context.Context) error {
	as, err := unprivileged()
	if err != nil {
		return err
	}
	c.as = as
	passwordFile := filepath.Join(c.dir, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return err
	}
	if err := writeCertificate(c.dir); err != nil {
		return err
	}
	if err := c.as.own(c.dir); err != nil {
		return err
	}
	// Nothing of the new cluster needs to survive a power cut.
	initdb := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "--pgdata="+c.data(), "--username="+role,
		"--pwfile="+passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	c.as.apply(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	c.port, err = freePort()
	return err
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// freePort returns a port that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// URL returns the URL of one of the cluster's databases, over TCP and without TLS.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Password returns what no log and no error may show.
func (*Cluster) Password() string { return password }

// Port returns the port that the cluster listens on.
func (c *Cluster) Port() int { return c.port }

// Certificate returns the path of the cluster's own certificate, which is for
// 127.0.0.1 and signed by itself.
func (c *Cluster) Certificate() string { return filepath.Join(c.dir, certificateFile) }

// Exec runs SQL in a database. A statement like CREATE DATABASE must be alone.
func (c *Cluster) Exec(ctx context.Context, database, sql string) error {
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// NewDatabase makes an empty database and returns its URL.
func (c *Cluster) NewDatabase(ctx context.Context, name string) (string, error) {
	return c.URL(name), c.Exec(ctx, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

// Close stops the server and removes all that it kept.
func (c *Cluster) Close() error {
	return errors.Join(c.Kill(), os.RemoveAll(c.dir))
}
