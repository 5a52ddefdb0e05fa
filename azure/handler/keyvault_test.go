package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// A vault is a Key Vault that the handler reaches as it would the real one: under its
// name, by TLS, through a proxy, with a token of its identity.
type vault struct {
	env []string // by which a handler finds all of it

	mu     sync.Mutex
	values map[string]string // by the path behind /secrets/
	denied bool
	tokens []string // resources that tokens were asked for
}

func newVault(t *testing.T, values map[string]string) *vault {
	t.Helper()
	v := &vault{values: values}
	der, key := certificate(t)
	server := httptest.NewUnstartedServer(v)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	identity := httptest.NewServer(http.HandlerFunc(v.token))
	t.Cleanup(identity.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tunnel(w, r, server.Listener.Addr().String()) }))
	t.Cleanup(proxy.Close)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	v.env = []string{
		"IDENTITY_ENDPOINT=" + identity.URL + "/token", "IDENTITY_HEADER=a-header", "AZURE_CLIENT_ID=a-client",
		"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + roots,
	}
	return v
}

// certificate returns one of the vault's, which is its own authority.
func certificate(t *testing.T) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"v.vault.azure.net"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// set gives the vault a secret.
func (v *vault) set(name, value string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.values[name] = value
}

// deny takes the right to read away from everybody, or gives it back.
func (v *vault) deny(denied bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.denied = denied
}

func (v *vault) token(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.Header.Get("X-IDENTITY-HEADER") != "a-header" || r.URL.Query().Get("client_id") != "a-client" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	v.tokens = append(v.tokens, r.URL.Query().Get("resource"))
	fmt.Fprint(w, `{"access_token":"a-token","expires_on":"4102444800","token_type":"Bearer"}`)
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	name, _ := strings.CutPrefix(r.URL.Path, "/secrets/")
	value, ok := v.values[name]
	switch {
	case r.Header.Get("Authorization") != "Bearer a-token":
		w.WriteHeader(http.StatusUnauthorized)
	case v.denied:
		w.WriteHeader(http.StatusForbidden)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case strings.HasSuffix(name, "/versions"):
		fmt.Fprint(w, value)
	default:
		_ = json.NewEncoder(w).Encode(map[string]string{"value": value, "id": "https://" + r.Host + r.URL.Path})
	}
}

// tunnel answers CONNECT for a vault, and for nothing else.
func tunnel(w http.ResponseWriter, r *http.Request, to string) {
	if r.Method != http.MethodConnect || r.Host != "v.vault.azure.net:443" {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	there, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		defer there.Close()
		_, _ = io.Copy(there, here)
	}()
	go func() {
		defer here.Close()
		_, _ = io.Copy(here, there)
	}()
}

const versions = `{"value":[
	{"id":"https://v.vault.azure.net/secrets/dt/2","attributes":{"enabled":true,"created":200}},
	{"id":"https://v.vault.azure.net/secrets/dt/1","attributes":{"enabled":true,"created":100}}]}`

// Secrets that are references are read from the vault when the handler starts; the
// version before the current one is accepted too.
func TestKeyVault(t *testing.T) {
	v := newVault(t, map[string]string{"dt": "the-new-secret-of-some-length", "dt/1": signingSecret, "dt/versions": strings.Replace(versions, "secrets/dt/2", "secrets/dt", 1)})
	d := deploy(t, hosttest.Options{Env: v.env}, "DT_SIGNATURE_SECRET=azure-keyvault://v.vault.azure.net/secrets/dt")
	for _, secret := range []string{signingSecret, "the-new-secret-of-some-length"} {
		r := signed(t, d.URL, event("e1"), false)
		signer, err := signature.NewSigner([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Del("X-Dt-Signature")
		if err := signer.SignHeader(r.Header, event("e1")); err != nil {
			t.Fatal(err)
		}
		if status, answer := send(t, r); status != 200 {
			t.Errorf("%d %s\n%s", status, answer, d.Log())
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.tokens) != 1 || v.tokens[0] != "https://vault.azure.net" {
		t.Errorf("tokens for %v", v.tokens)
	}
	if strings.Contains(d.Log(), "some-length") {
		t.Errorf("the log has the secret:\n%s", d.Log())
	}
}

// A scheduled function reads its secrets at each run, and says which it could not read.
func TestKeyVaultScheduled(t *testing.T) {
	v := newVault(t, map[string]string{"account": "the-account-secret"})
	w := dtcloudtest.New(t, func(c *dtcloud.Config) { c.Clock = nil })
	connector := w.Connector(t, dtcloud.Connector{})
	env := []string{"DT_CONNECTORS=" + string(connector)}
	for name, value := range w.Environment() {
		if name == "DT_SERVICE_ACCOUNT_SECRET" {
			v.set("account", value)
			value = "azure-keyvault://v.vault.azure.net/secrets/account"
		}
		env = append(env, name+"="+value)
	}
	d := deploy(t, hosttest.Options{Env: append(stdout(), v.env...)}, env...)
	if logs, err := d.Invoke(t.Context(), "sync", hosttest.TimerObject); err != nil || len(logs) != 1 || !strings.Contains(logs[0], string(connector)) {
		t.Errorf("%q, %v\n%s", logs, err, d.Log())
	}
	v.deny(true)
	if _, err := d.Invoke(t.Context(), "sync", hosttest.TimerObject); err == nil || !strings.Contains(d.Log(), "DT_SERVICE_ACCOUNT_SECRET: ") || !strings.Contains(d.Log(), "Key Vault Secrets User") {
		t.Errorf("%v\n%s", err, d.Log())
	}
}

// What cannot be read stops the start, with the variable's name and the remedy.
func TestKeyVaultFaults(t *testing.T) {
	for name, test := range map[string]struct {
		reference string
		denied    bool
		want      string
	}{
		"no permission": {"azure-keyvault://v.vault.azure.net/secrets/dt", true, "Key Vault Secrets User"},
		"not there":     {"azure-keyvault://v.vault.azure.net/secrets/other", false, "the vault has no such secret"},
		"no vault":      {"azure-keyvault://v.example.com/secrets/dt", false, "want azure-keyvault://"},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, map[string]string{"dt": "the-new-secret-of-some-length"})
			v.deny(test.denied)
			h, err := hosttest.Try(t, hosttest.Options{Program: built, App: app, Env: append(v.env, "DT_SINK=stdout:", "DT_SIGNATURE_SECRET="+test.reference)})
			if err == nil || !strings.Contains(h.Log(), "DT_SIGNATURE_SECRET: ") || !strings.Contains(h.Log(), test.want) {
				t.Errorf("%v\n%s", err, h.Log())
			}
		})
	}
}
