package signature_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// An issuer is an OIDC issuer in memory: an http.RoundTripper, so that tests can
// run in a synctest bubble. It keeps the key set's clock too.
type issuer struct {
	mu       sync.Mutex
	url      string
	keys     string
	document string // instead of the right one
	down     bool
	hold     chan struct{} // requests wait until it is closed
	requests atomic.Int32
	clock    atomic.Int64 // seconds on the key set's clock
}

// pass lets time pass for the key set.
func (i *issuer) pass(d time.Duration) { i.clock.Add(int64(d / time.Second)) }

func newIssuer(t *testing.T) *issuer {
	return &issuer{url: "https://issuer.example/data-connector", keys: string(readAsymmetric(t).JWKS)}
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.requests.Add(1)
	i.mu.Lock()
	down, hold, keys, document := i.down, i.hold, i.keys, i.document
	i.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if down {
		return nil, errors.New("connection refused")
	}
	recorder := httptest.NewRecorder()
	switch r.URL.String() {
	case i.url + "/.well-known/openid-configuration":
		if document == "" {
			answer, _ := json.Marshal(map[string]any{"issuer": i.url, "jwks_uri": "https://issuer.example/keys"})
			document = string(answer)
		}
		io.WriteString(recorder, document)
	case "https://issuer.example/keys":
		io.WriteString(recorder, keys)
	default:
		recorder.WriteHeader(http.StatusNotFound)
	}
	response := recorder.Result()
	response.Request = r
	return response, nil
}

func (i *issuer) set(f func(*issuer)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f(i)
}

func (i *issuer) keySet(t *testing.T) *signature.KeySet {
	t.Helper()
	set, err := signature.NewKeySet(i.url, &http.Client{Transport: i}, func() time.Time {
		return time.Unix(1700000000+i.clock.Load(), 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func wantKey(t *testing.T, set *signature.KeySet, id string, want error) {
	t.Helper()
	key, err := set.Key(t.Context(), id)
	if !errors.Is(err, want) || (key == nil) == (want == nil) {
		t.Errorf("key %s: got %v, %v; want %v", id, key, err, want)
	}
}

func TestKeySetFetchesOnceAndServesFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		set := i.keySet(t)
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() { wantKey(t, set, "k1", nil) })
		}
		wait.Wait()
		for range 50 {
			wantKey(t, set, "k2", nil)
		}
		if n := i.requests.Load(); n != 2 {
			t.Errorf("%d requests, want 2: the discovery document and the keys", n)
		}
	})
}

func TestKeySetUnknownKeyRefreshesUnderCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		set := i.keySet(t)
		wantKey(t, set, "k1", nil)
		for range 100 { // a stranger who guesses ids
			wantKey(t, set, "k9", signature.ErrUnknownKey)
		}
		if n := i.requests.Load(); n != 2 {
			t.Errorf("within the cooldown: %d requests, want 2", n)
		}
		i.pass(30 * time.Second)
		i.set(func(i *issuer) { i.keys = strings.ReplaceAll(i.keys, `"k2"`, `"k9"`) })
		wantKey(t, set, "k9", nil)
		wantKey(t, set, "k2", signature.ErrUnknownKey)
		if n := i.requests.Load(); n != 4 {
			t.Errorf("after the cooldown: %d requests, want 4", n)
		}
	})
}

func TestKeySetServesStaleKeysWhileTheIssuerIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		set := i.keySet(t)
		wantKey(t, set, "k1", nil)
		i.set(func(i *issuer) { i.down = true })
		for range 100 {
			i.pass(time.Hour)
			wantKey(t, set, "k1", nil)
		}
		synctest.Wait()
		wantKey(t, set, "k9", signature.ErrKeysUnavailable)
		i.set(func(i *issuer) { i.down = false })
		i.pass(time.Minute)
		wantKey(t, set, "k9", signature.ErrUnknownKey)
	})
}

// An old set is renewed behind the caller's back, who never waits for it.
func TestKeySetRenewsOldKeysInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		set := i.keySet(t)
		wantKey(t, set, "k1", nil)
		hold := make(chan struct{})
		i.set(func(i *issuer) {
			i.hold = hold
			i.keys = strings.ReplaceAll(i.keys, `"k1"`, `"k3"`)
		})
		i.pass(16 * time.Minute)
		wantKey(t, set, "k1", nil) // at once, though the issuer does not answer
		close(hold)
		synctest.Wait()
		wantKey(t, set, "k3", nil)
		wantKey(t, set, "k1", signature.ErrUnknownKey) // withdrawn by the issuer
	})
}

// The caller who started a fetch may leave: the fetch serves the next one.
func TestKeySetFetchOutlivesItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		hold := make(chan struct{})
		i.hold = hold
		set := i.keySet(t)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := set.Key(ctx, "k1")
			left <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, signature.ErrKeysUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("the caller who left got %v", err)
		}
		close(hold)
		synctest.Wait()
		before := i.requests.Load()
		wantKey(t, set, "k1", nil)
		if i.requests.Load() != before {
			t.Error("the fetch was begun again")
		}
	})
}

func TestKeySetGivesUpOnASilentIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t)
		i.hold = make(chan struct{})
		set := i.keySet(t)
		start := time.Now()
		wantKey(t, set, "k1", signature.ErrKeysUnavailable)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestKeySetRefusesBadIssuers(t *testing.T) {
	good := string(readAsymmetric(t).JWKS)
	tests := []struct {
		name, document, keys string
	}{
		{"not JSON", "<html>", good},
		{"another issuer", `{"issuer":"https://evil.example","jwks_uri":"https://issuer.example/keys"}`, good},
		{"no key URL", `{"issuer":"https://issuer.example/data-connector"}`, good},
		{"plain http", `{"issuer":"https://issuer.example/data-connector","jwks_uri":"http://issuer.example/keys"}`, good},
		{"wrong path", `{"issuer":"https://issuer.example/data-connector","jwks_uri":"https://issuer.example/other"}`, good},
		{"endless", strings.Repeat(" ", 1<<20), good},
		{"no keys", "", `{"keys":[]}`},
		{"keys not JSON", "", `hello`},
		{"RSA only", "", `{"keys":[{"kty":"RSA","kid":"k1","n":"AQAB","e":"AQAB"}]}`},
		{"a point off the curve", "", `{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}`},
		{"a short coordinate", "", `{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"AA","y":"AA"}]}`},
		{"for encryption", "", strings.ReplaceAll(good, `"sig"`, `"enc"`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := newIssuer(t)
			i.document, i.keys = test.document, test.keys
			wantKey(t, i.keySet(t), "k1", signature.ErrKeysUnavailable)
		})
	}
}

func TestNewKeySetRequiresHTTPS(t *testing.T) {
	for address, ok := range map[string]bool{
		signature.DefaultIssuer:  true,
		"http://127.0.0.1:1234/": true,
		"http://[::1]:1234":      true,
		"http://localhost":       true,
		"http://issuer.example":  false,
		"ftp://issuer.example":   false,
		"issuer.example":         false,
		"https://":               false,
		"":                       false,
		"https://bad host/":      false,
	} {
		if _, err := signature.NewKeySet(address, nil, nil); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
