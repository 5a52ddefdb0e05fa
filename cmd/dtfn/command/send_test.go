package command_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// A target takes requests and keeps what the verifier lets pass.
type target struct {
	*httptest.Server
	mu     sync.Mutex
	events []*event.Event
	header http.Header
	status int
}

func newTarget(t *testing.T, c signature.Config) *target {
	t.Helper()
	verifier, err := signature.NewVerifier(c)
	if err != nil {
		t.Fatal(err)
	}
	target := &target{status: http.StatusOK}
	target.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := verifier.Verify(r.Context(), r.Header, body); err != nil {
			http.Error(w, signature.Code(err), http.StatusUnauthorized)
			return
		}
		ev, err := event.Decode(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		target.mu.Lock()
		defer target.mu.Unlock()
		target.events, target.header = append(target.events, ev), r.Header
		w.WriteHeader(target.status)
		io.WriteString(w, `{"outcome":"accepted"}`)
	}))
	t.Cleanup(target.Close)
	return target
}

func TestSendEveryType(t *testing.T) {
	target := newTarget(t, signature.Config{Secrets: signature.StaticSecrets("s3cret")})
	for _, eventType := range append(event.Types(), "somethingNew") {
		got := dtfn(t, "send", "--secret", "s3cret", "--type", eventType, "--label", "name=Fridge = 3", target.URL)
		if got.code != 0 {
			t.Fatalf("%s: code %d, %q, %q", eventType, got.code, got.stdout, got.stderr)
		}
		ev := target.events[len(target.events)-1]
		if name, _ := ev.Labels.Get("name"); ev.Type != eventType || name != "Fridge = 3" || ev.DeviceID() == "" || ev.ProjectID() == "" {
			t.Errorf("%s: sent %s", eventType, ev.Raw())
		}
	}
	if v, err := target.events[1].Temperature(); err != nil || v.Value != "21.5" {
		t.Errorf("temperature: %+v, %v", v, err)
	}
}

func TestSendRepeats(t *testing.T) {
	target := newTarget(t, signature.Config{Secrets: signature.StaticSecrets("s3cret")})
	env := []string{"DT_SIGNATURE_SECRET=s3cret"}
	got := call{args: []string{"send", "--json", "--repeat", "3", "--data", `{"value":-18.50}`, "-H", "X-Site: Oslo", target.URL}, env: env}.run(t.Context())
	if got.code != 0 || strings.Count(got.stdout, "\n") != 3 {
		t.Fatalf("code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	var line struct {
		EventID string
		Status  int
		Answer  string
	}
	if err := json.Unmarshal([]byte(strings.SplitN(got.stdout, "\n", 2)[0]), &line); err != nil || line.Status != 200 || line.EventID != target.events[0].ID {
		t.Errorf("%+v, %v", line, err)
	}
	if target.events[0].ID == target.events[1].ID {
		t.Error("two events have one id")
	}
	if v, err := target.events[2].Temperature(); err != nil || v.Value != "-18.50" {
		t.Errorf("%+v, %v", v, err)
	}
	if target.header.Get("X-Site") != "Oslo" || target.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", target.header)
	}
	target.events = nil
	call{args: []string{"send", "--repeat", "2", "--same", target.URL}, env: env}.run(t.Context())
	if len(target.events) != 2 || target.events[0].ID != target.events[1].ID {
		t.Errorf("--same: %d events", len(target.events))
	}
}

func TestSendExactBytes(t *testing.T) {
	target := newTarget(t, signature.Config{Secrets: signature.StaticSecrets("s3cret")})
	body := " " + realBody + "\n"
	got := dtfn(t, "send", "--secret", "s3cret", "--body", writeFile(t, "body.json", body), target.URL)
	if got.code != 0 || string(target.events[0].Raw()) != body {
		t.Errorf("code %d, %q", got.code, got.stderr)
	}
}

func TestSendAsymmetric(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	target := newTarget(t, signature.Config{Organization: "org", Keys: signature.Keys{"k": &key.PublicKey}})
	for name, block := range map[string]*pem.Block{
		"EC PRIVATE KEY": {Type: "EC PRIVATE KEY", Bytes: sec1},
		"PRIVATE KEY":    {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		path := writeFile(t, "key.pem", string(pem.EncodeToMemory(block)))
		if got := dtfn(t, "send", "--key", path, "--key-id", "k", "--organization", "org", target.URL); got.code != 0 {
			t.Errorf("%s: code %d, %q, %q", name, got.code, got.stdout, got.stderr)
		}
	}
}

func TestSendFails(t *testing.T) {
	target := newTarget(t, signature.Config{Secrets: signature.StaticSecrets("s3cret")})
	got := dtfn(t, "send", "--secret", "other", target.URL)
	if got.code != 1 || !strings.Contains(got.stdout, "401") || !strings.Contains(got.stdout, "signature-wrong") || !strings.Contains(got.stderr, "1 of 1") {
		t.Errorf("refused: code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	if got := dtfn(t, "send", target.URL); got.code != 1 || !strings.Contains(got.stderr, "not signed") {
		t.Errorf("unsigned: code %d, %q", got.code, got.stderr)
	}
	target.status = http.StatusAccepted // DT counts only 200
	if got := dtfn(t, "send", "--secret", "s3cret", target.URL); got.code != 1 {
		t.Errorf("answered 202: code %d", got.code)
	}
	target.Close()
	if got := dtfn(t, "send", "--secret", "s3cret", target.URL); got.code != 1 || !strings.Contains(got.stdout, "refused") {
		t.Errorf("nobody there: code %d, %q", got.code, got.stdout)
	}
}
