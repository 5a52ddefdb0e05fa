package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// maxConnections is how many connections a sink or a store has: one that
	// stores and one to look whether the database is there. The smallest plans
	// allow 20 in all (Heroku Postgres, Essential).
	maxConnections = 2
	// connectTimeout leaves time for a second try within a flush.
	connectTimeout = 3 * time.Second
	// idleTimeout gives back what is not used.
	idleTimeout = 5 * time.Minute
)

// forms is what a URL must look like.
const forms = "want postgres://USER:PASSWORD@HOST:PORT/DATABASE (a user name and a password percent-encoded), or postgres: alone for DATABASE_URL"

// ConnConfig returns how the database that u names is reached, for whoever looks into it
// besides the sink. Nothing is connected. No error shows any part of a URL.
func (o Opener) ConnConfig(u *url.URL) (*pgx.ConnConfig, error) {
	text, err := o.resolve(u)
	if err != nil {
		return nil, err
	}
	config, err := parse(text)
	if err != nil {
		return nil, err
	}
	return config.ConnConfig, nil
}

// resolve returns the URL of the database that u names.
func (o Opener) resolve(u *url.URL) (string, error) {
	if u.Opaque != "" {
		return "", errors.New("the URL has no //: " + forms)
	}
	if u.Host == "" && u.User == nil && u.Path == "" {
		switch {
		case u.RawQuery != "":
			return "", errors.New("postgres: takes no parameters; put them into DATABASE_URL")
		case o.databaseURL.IsZero():
			return "", errors.New("postgres: is the database in DATABASE_URL, which is not set; on Heroku, add a Postgres database to the application")
		}
		return o.databaseURL.Reveal(), nil
	}
	return u.String(), nil
}

// parse reads the URL of a database. No error shows any part of it, since what
// does not parse may be a password.
func parse(text string) (*pgxpool.Config, error) {
	if !slices.ContainsFunc(Schemes(), func(s string) bool { return strings.HasPrefix(text, s+"://") }) {
		return nil, errors.New("the database's URL does not begin with postgres:// : " + forms)
	}
	if mode, ok := sslMode(text); ok && !slices.Contains(sslModes(), mode) {
		return nil, fmt.Errorf("the sslmode of the database's URL is none of %s", strings.Join(sslModes(), ", "))
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, errors.New("the database's URL cannot be read: " + forms)
	}
	if _, ok := sslMode(text); !ok && !local(config.ConnConfig) {
		// Without a word the driver would fall back to no encryption.
		if config, err = pgxpool.ParseConfig(withSSL(text)); err != nil {
			return nil, errors.New("the database's URL cannot be read: " + forms)
		}
	}
	settle(config, text)
	return config, nil
}

// settle sets what the URL does not.
func settle(config *pgxpool.Config, text string) {
	c := config.ConnConfig
	// No statement is prepared by a name, which another client of a pooler's
	// connection would meet, and none waits for a description that the server gives
	// in a round trip of its own.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	if c.ConnectTimeout == 0 || !strings.Contains(text, "connect_timeout=") {
		c.ConnectTimeout = connectTimeout
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "dt-functions"
	}
	if !strings.Contains(text, "pool_max_conns=") {
		config.MaxConns = maxConnections
	}
	if !strings.Contains(text, "pool_max_conn_idle_time=") {
		config.MaxConnIdleTime = idleTimeout
	}
}

// sslModes are the values of sslmode (PostgreSQL, libpq, "SSL Mode Descriptions").
func sslModes() []string {
	return []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
}

// sslMode returns the sslmode of a URL, and whether there is one. A URL may name
// several hosts, which [url.Parse] does not take.
func sslMode(text string) (string, bool) {
	_, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	return values.Get("sslmode"), err == nil && values.Has("sslmode")
}

// withSSL returns a URL with encryption required. The certificate is not checked:
// Heroku's servers sign their own.
func withSSL(text string) string {
	if strings.Contains(text, "?") {
		return text + "&sslmode=require"
	}
	return text + "?sslmode=require"
}

// local tells whether all hosts of a database are this machine.
func local(c *pgx.ConnConfig) bool {
	hosts := []string{c.Host}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	return !slices.ContainsFunc(hosts, func(host string) bool {
		network, _ := pgconn.NetworkAddress(host, c.Port)
		ip := net.ParseIP(host)
		return network != "unix" && host != "localhost" && (ip == nil || !ip.IsLoopback())
	})
}
