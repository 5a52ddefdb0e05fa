package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// An authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: begin.AddDate(-2, 0, 0), NotAfter: begin.AddDate(2, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// serve starts an endpoint with a certificate for host, an address or a name.
func (a *authority) serve(t *testing.T, host string, from, until time.Time, handler http.Handler) *httptest.Server {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(dated(func() time.Time { return begin }, handler))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// client trusts the authorities alone, at a time.
func client(now time.Time, trusted ...*authority) *http.Client {
	pool := x509.NewCertPool()
	for _, a := range trusted {
		pool.AddCert(a.certificate)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Time: func() time.Time { return now }}}}
}

func TestCertificate(t *testing.T) {
	const local = "127.0.0.1"
	ours, theirs := newAuthority(t), newAuthority(t)
	year := begin.AddDate(1, 0, 0)
	for name, test := range map[string]struct {
		authority   *authority
		host        string
		from, until time.Time
		status      doctor.Status
		check, says string
	}{
		"good":            {ours, local, begin.AddDate(0, -1, 0), year, doctor.OK, "certificate", "valid for 365 days more, until 2027-11-01"},
		"ends soon":       {ours, local, begin.AddDate(0, -1, 0), begin.AddDate(0, 0, 13), doctor.Warn, "certificate", "valid for 13 days more, until 2026-11-14"},
		"of nobody known": {theirs, local, begin.AddDate(0, -1, 0), year, doctor.Fail, "endpoint", "signed by nobody that is trusted"},
		"expired":         {ours, local, begin.AddDate(0, -2, 0), begin.AddDate(0, -1, 0), doctor.Fail, "endpoint", "has expired, on 2026-10-01"},
		"not yet valid":   {ours, local, begin.AddDate(0, 0, 2), year, doctor.Fail, "endpoint", "not valid before 2026-11-03"},
		"of another host": {ours, "other.example", begin.AddDate(0, -1, 0), year, doctor.Fail, "endpoint", "for another host"},
	} {
		t.Run(name, func(t *testing.T) {
			server := test.authority.serve(t, test.host, test.from, test.until, signed(t, 200, `{"outcome":"accepted"}`))
			results, err := doctor.Run(t.Context(), doctor.Config{
				Deployment: doctor.Deployment{Endpoint: server.URL},
				Env:        settings.Environment{"DT_SIGNATURE_SECRET": theSecret, "DT_API_URL": server.URL},
				Client:     client(begin, ours), Now: func() time.Time { return begin },
			})
			if err != nil {
				t.Fatal(err)
			}
			r := resultOf(t, results, test.check)
			if r.Status != test.status || !strings.Contains(r.Found, test.says) || (r.Remedy == "") != (test.status == doctor.OK) {
				t.Errorf("%+v, want %s and %q", r, test.status, test.says)
			}
			if want := 0; test.status != doctor.Fail && len(failed(results)) != want || test.status == doctor.Fail && len(failed(results)) != 1 {
				t.Errorf("failed: %q", failed(results))
			}
		})
	}
}

// https to a port that speaks http.
func TestNoTLS(t *testing.T) {
	server := httptest.NewServer(answering(200, ""))
	t.Cleanup(server.Close)
	results, err := doctor.Run(t.Context(), doctor.Config{
		Deployment: doctor.Deployment{Endpoint: strings.Replace(server.URL, "http:", "https:", 1)},
		Env:        settings.Environment{"DT_SIGNATURE_SECRET": theSecret, "DT_API_URL": server.URL},
	})
	if r := resultOf(t, results, doctor.CheckEndpoint); err != nil || r.Status != doctor.Fail || !strings.Contains(r.Found, "does not speak TLS") {
		t.Errorf("%+v, %v", r, err)
	}
}
