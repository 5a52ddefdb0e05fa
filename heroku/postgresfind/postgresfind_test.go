package postgresfind_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/postgresfind"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

func open(rawURL, databaseURL string) (find.Finder, error) {
	d := find.Drivers{}
	for _, scheme := range postgres.Schemes() {
		d[scheme] = postgresfind.Open(secret.New(databaseURL))
	}
	return d.Open(rawURL)
}

func TestURLs(t *testing.T) {
	tests := map[string]struct{ url, databaseURL, want string }{
		"in the URL":               {"postgres://u:marked@host/db", "", ""},
		"by the variable":          {"postgres:", "postgres://u:marked@host/db", ""},
		"by the variable, slashes": {"postgres://", "postgres://u:marked@host/db", ""},
		"variable not set":         {"postgres:", "", "export DATABASE_URL="},
		"variable is no URL":       {"postgres:", "marked", "does not begin with postgres://"},
		"port is no number":        {"postgresql:", "postgres://u:marked@host:x/db", "cannot be read"},
		"unknown sslmode":          {"postgres://u:marked@host/db?sslmode=marked", "", "sslmode"},
		"opaque":                   {"postgres:marked", "", "has no //"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := open(test.url, test.databaseURL)
			if test.want == "" {
				if err != nil || f == nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "marked") {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

// A server that is not there, or is none, is told without host and user.
func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close() // as one that is none
		}
	}()
	for name, address := range map[string]string{"nobody listens": "127.0.0.1:1", "no database": listener.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			f, err := open("postgres://user-marked:marked@"+address+"/db-marked", "")
			if err != nil {
				t.Fatal(err)
			}
			err = f.Prepare(t.Context())
			if err == nil || !strings.Contains(err.Error(), "cannot be reached from here") || strings.Contains(err.Error(), "marked") {
				t.Errorf("got %v", err)
			}
			if err := f.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func FuzzURL(f *testing.F) {
	for _, text := range []string{"postgres:", "postgres://u:marked-password@h:1/d?sslmode=x", "postgresql://h1,h2/d", "postgres:x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		_, err = postgresfind.Open(secret.Text{})(u)
		if password, _ := u.User.Password(); err != nil && len(password) > 12 && strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	})
}
