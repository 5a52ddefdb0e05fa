package adaptertest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// secretMark is a part of every secret, so that it can be searched for.
const secretMark = "MARK"

const (
	currentSecret  = "the-current-secret-" + secretMark
	previousSecret = "the-previous-secret-" + secretMark
	forwardSecret  = "the-forward-secret-" + secretMark
	organization   = "b8ntihoaplm0028st07g"
	keyID          = "the-key"
)

// A worldName is a way in which the program is set up.
type worldName int

const (
	plain      worldName = iota // HS256, sinks in files
	asymmetric                  // ES256 and HS256
	slow                        // the sink does not answer
	down                        // nobody listens where the sink is
	panicking                   // the sink panics
)

// A world is a running program, and what is around it.
type world struct {
	target     Target
	main, dead string            // the files of the sinks
	key        *ecdsa.PrivateKey // of the issuer
	issuer     string
}

func newWorld(t *testing.T, p Platform, name worldName) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{main: filepath.Join(dir, "events.ndjson"), dead: filepath.Join(dir, "dead.ndjson")}
	s := Start{Env: map[string]string{
		"DT_SIGNATURE_SECRET":          currentSecret,
		"DT_SIGNATURE_SECRET_PREVIOUS": previousSecret,
		"DT_SINK":                      "file://" + filepath.ToSlash(w.main),
		"DT_DEAD_LETTER":               "file://" + filepath.ToSlash(w.dead),
		"DT_LABEL_SELECTOR":            "!ignored",
		"DT_LABEL_DEFAULTS":            "site=north",
	}}
	switch name {
	case asymmetric:
		w.serveKeys(t)
		s.Env["DT_ORGANIZATION_ID"], s.Env["DT_OIDC_ISSUER"] = organization, w.issuer
	case slow:
		s.Env["DT_SINK"], s.Env["DT_FORWARD_SECRET"] = silence(t), forwardSecret
	case down:
		s.Env["DT_SINK"], s.Env["DT_FORWARD_SECRET"] = "http://"+closedAddress(t)+"/", forwardSecret
	case panicking:
		s.Env["DT_SINK"], s.Faulty = "panic:", true
	}
	w.target = p.Start(t, s)
	return w
}

// serveKeys serves an issuer of asymmetric signatures (OpenID Connect Discovery).
func (w *world) serveKeys(t *testing.T) {
	t.Helper()
	var err error
	if w.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	public, err := w.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.issuer = server.URL + "/issuer"
	mux.HandleFunc("/issuer/.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(rw).Encode(map[string]any{
			"issuer": w.issuer, "jwks_uri": server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", func(rw http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(rw).Encode(map[string]any{"keys": []map[string]string{{
			"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": keyID,
			"x": encode(public[1:33]), "y": encode(public[33:]),
		}}})
	})
}

// silence returns the address of a server that takes requests and does not answer.
func silence(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// sinks is what is in the sinks.
type sinks struct {
	main, dead int    // lines
	last       string // line of main
}

func (w *world) sinks(t *testing.T) sinks {
	t.Helper()
	read := func(path string) [][]byte {
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if len(data) == 0 {
			return nil
		}
		return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	}
	main, dead := read(w.main), read(w.dead)
	s := sinks{main: len(main), dead: len(dead)}
	if s.main > 0 {
		s.last = string(main[s.main-1])
	}
	return s
}

// PanicSink opens a sink that panics, for builds of a program with a defect.
func PanicSink(context.Context, *url.URL) (sink.Sink, error) { return panicSink{}, nil }

type panicSink struct{}

func (panicSink) Publish(context.Context, []sink.Message) (sink.Result, error) {
	panic("a defect of the sink")
}

func (panicSink) Close() error { return nil }
