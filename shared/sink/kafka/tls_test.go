package kafka_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// certificates returns what a broker of 127.0.0.1 and its clients need for TLS.
func certificates(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

// Who is not the broker gets nothing, and who speaks no TLS neither.
func TestTLS(t *testing.T) {
	server, client := certificates(t)
	encrypted, plaintext := newFake(t, 1, kfake.TLS(server)), newFake(t, 1)
	var unknown *tls.CertificateVerificationError
	for _, test := range []struct {
		name string
		c    *kfake.Cluster
		tls  *tls.Config
		good bool
		want any
	}{
		{"good", encrypted, client, true, nil},
		{"unknown certificate", encrypted, &tls.Config{}, false, &unknown},
		{"another name", encrypted, &tls.Config{RootCAs: client.RootCAs, ServerName: "broker.example.org"}, false, &unknown},
		{"the broker has no TLS", plaintext, client, false, nil},
		{"the client has no TLS", encrypted, nil, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := config(test.c)
			config.TLS, config.Timeout = test.tls, time.Second
			err := publish(t.Context(), open(t, config), "1")
			if (err == nil) != test.good || test.want != nil && !errors.As(err, test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if got := storedIDs(t, plaintext.ListenAddrs()); !slices.Equal(got, []string{}) {
		t.Errorf("stored %q", got)
	}
}
