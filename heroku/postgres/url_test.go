package postgres_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const marker = "s3cr3t-MARK"

// Encryption is required of servers that are not this machine, and never given up
// without a word.
func TestEncryption(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://u:p@db.example.com/d":                         "encrypted",
		"postgres://u:p@db.example.com:5433/d?application_name=x": "encrypted",
		"postgresql://u:p@db.example.com/d":                       "encrypted",
		"postgres://u:p@10.0.0.1/d":                               "encrypted",
		"postgres://u:p@localhost,db.example.com/d":               "encrypted",
		"postgres://u:p@a.example.com:5432,b.example.com:5433/d":  "encrypted",
		"postgres://u:p@db.example.com/d?sslmode=require":         "encrypted",
		"postgres://u:p@db.example.com/d?sslmode=verify-full":     "verified",
		"postgres://u:p@db.example.com/d?x=1&sslmode=verify-full": "verified",
		"postgres://u:p@db.example.com/d?sslmode=disable":         "open",
		"postgres://u:p@db.example.com/d?sslmode=prefer":          "either",
		"postgres://u:p@localhost/d":                              "either",
		"postgres://u:p@127.0.0.1:5432/d":                         "either",
		"postgres://u:p@[::1]/d":                                  "either",
		"postgres:///d?host=/var/run/postgresql":                  "open", // a socket
	} {
		config, err := postgres.NewOpener(secret.New(text)).Config(parse(t, "postgres:"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		c := config.ConnConfig
		got := "open"
		open := 0
		for _, f := range c.Fallbacks {
			if f.TLSConfig == nil {
				open++
			}
		}
		switch {
		case c.TLSConfig != nil && open > 0:
			got = "either"
		case c.TLSConfig != nil && c.TLSConfig.InsecureSkipVerify:
			got = "encrypted"
		case c.TLSConfig != nil:
			got = "verified"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestConfig(t *testing.T) {
	config, err := postgres.NewOpener(secret.Text{}).Config(parse(t, "postgres://u:p%40ss@localhost/d"))
	if err != nil {
		t.Fatal(err)
	}
	c := config.ConnConfig
	if config.MaxConns != 2 || c.ConnectTimeout != 3*time.Second || c.RuntimeParams["application_name"] != "dt-functions" || c.Password != "p@ss" {
		t.Errorf("got %d connections, %v, %v", config.MaxConns, c.ConnectTimeout, c.RuntimeParams)
	}
	own := "postgres://u:p@localhost/d?pool_max_conns=5&connect_timeout=9&application_name=mine&pool_max_conn_idle_time=1s&search_path=s"
	if config, err = postgres.NewOpener(secret.Text{}).Config(parse(t, own)); err != nil {
		t.Fatal(err)
	}
	c = config.ConnConfig
	if config.MaxConns != 5 || c.ConnectTimeout != 9*time.Second || config.MaxConnIdleTime != time.Second ||
		c.RuntimeParams["application_name"] != "mine" || c.RuntimeParams["search_path"] != "s" {
		t.Errorf("what the URL says is overruled: %d connections, %v, %v", config.MaxConns, c.ConnectTimeout, c.RuntimeParams)
	}
}

// What is wrong is said without any part of what may be a password.
func TestFaultyURLs(t *testing.T) {
	for _, c := range []struct{ database, url, want string }{
		{"", "postgres:", "DATABASE_URL, which is not set; on Heroku"},
		{"", "postgres:?table=x", "takes no parameters"},
		{"", "postgres:" + marker, "has no //"},
		{"", "postgres://u:" + marker + "@h/d?sslmode=" + marker, "the sslmode of the database's URL is none of disable, allow"},
		{"", "postgres://u:" + marker + "@h/d?connect_timeout=" + marker, "cannot be read"},
		{"", "postgres://u:" + marker + "@h/d?pool_max_conns=" + marker, "cannot be read"},
		{"", "postgres://u:" + marker + "@h/d?sslmode=verify-full&sslrootcert=/nowhere/" + marker, "cannot be read"},
		{marker, "postgres:", "does not begin with postgres://"},
		{"mysql://u:" + marker + "@h/d", "postgres:", "does not begin with postgres://"},
		{"host=h password=" + marker, "postgres:", "does not begin with postgres://"},
		{"postgres://u:" + marker + "/%zz@h/d", "postgres:", "cannot be read"},
		{"postgres://u:p@h:" + marker + "/d", "postgres:", "cannot be read"},
		{"postgres://u:p@h/d?%zz=" + marker, "postgres:", "cannot be read"},
	} {
		o := postgres.NewOpener(secret.New(c.database))
		u := parse(t, c.url)
		_, errSink := o.Sink(t.Context(), u)
		_, errCheckpoints := o.Checkpoints(t.Context(), u)
		_, errLock := o.Lock(u, "x")
		for _, err := range []error{errSink, errCheckpoints, errLock} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q, %q: got %v, want an error with %q", c.database, c.url, err, c.want)
				continue
			}
			secrettest.CheckHidden(t, c.url, err.Error(), marker)
		}
	}
}

// Nothing is connected to before something is to be stored.
func TestOpenConnectsToNothing(t *testing.T) {
	s, err := postgres.NewOpener(secret.Text{}).Sink(t.Context(), parse(t, "postgres://u:"+marker+"@127.0.0.1:1/d"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = publishOne(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), "postgres 127.0.0.1/d: cannot connect") {
		t.Errorf("got %v", err)
	}
	secrettest.CheckHidden(t, "the error", err.Error(), marker)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"postgres://u:p@h/d", "postgres:", "postgres://u:p@h1,h2:5/d?sslmode=require", "postgresql://", "postgres:///?host=/tmp", "postgres://%@/"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, rawURL, database string) {
		u, err := url.Parse(rawURL)
		if err != nil {
			return
		}
		config, err := postgres.NewOpener(secret.New(database)).Config(u)
		if err != nil {
			if len(database) > 20 && strings.Contains(err.Error(), database) {
				t.Errorf("the error shows DATABASE_URL: %v", err)
			}
			return
		}
		if config.MaxConns < 1 || config.ConnConfig.ConnectTimeout <= 0 {
			t.Errorf("%d connections, %v", config.MaxConns, config.ConnConfig.ConnectTimeout)
		}
	})
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
