package dtcloud_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/signature"
)

func get(t testing.TB, client *http.Client, url string) []byte {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %s, %v, %v", url, response.Status, response.Header, err)
	}
	return body
}

func TestDiscovery(t *testing.T) {
	w, server := newServedWorld(t, nil)
	var document struct {
		Issuer     string   `json:"issuer"`
		KeySetURL  string   `json:"jwks_uri"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	data := get(t, server.Client(), server.URL+"/data-connector/.well-known/openid-configuration")
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	if document.Issuer != server.URL+"/data-connector" || document.Issuer != w.Issuer() ||
		len(document.Algorithms) != 1 || document.Algorithms[0] != "ES256" {
		t.Errorf("%s", data)
	}
	keys, err := signature.ParseKeys(get(t, server.Client(), document.KeySetURL))
	if err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

// lastKeyID returns the id of the key that the newest request was signed with.
func (w *world) lastKeyID(t testing.TB) string {
	t.Helper()
	headers := w.receiver.headers[len(w.receiver.headers)-1]
	token, _, err := jwt.NewParser().ParseUnverified(headers.Get(signature.HeaderAsymmetric), jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := token.Header["kid"].(string)
	return id
}

func TestKeyRotation(t *testing.T) {
	w, server := newServedWorld(t, func(c *dtcloud.Config) { c.KeyGrace = 90 * time.Minute })
	published := func() signature.Keys {
		t.Helper()
		keys, err := signature.ParseKeys(get(t, server.Client(), server.URL+"/data-connector/.well-known/jwks.json"))
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	w.receiver.answer = func(request *http.Request, body []byte) int {
		// A receiver that knows nothing yet can verify at any time.
		if _, err := newVerifiers(t, w, server.Client())[1].Verify(request.Context(), request.Header, body); err != nil {
			t.Error(err)
			return http.StatusUnauthorized
		}
		return http.StatusOK
	}
	w.touch(t, 1)
	w.deliverAll(t)
	first := w.lastKeyID(t)

	second, err := w.RotateKey()
	if err != nil {
		t.Fatal(err)
	}
	w.touch(t, 1)
	w.deliverAll(t)
	if got := w.lastKeyID(t); got != second || second == first || second == "" {
		t.Errorf("signed with %q after %q was made; before with %q", got, second, first)
	}
	w.pass(t, 89*time.Minute)
	if keys := published(); len(keys) != 2 || keys[first] == nil || keys[second] == nil {
		t.Errorf("within the grace: %v", keys)
	}
	w.pass(t, time.Minute)
	if keys := published(); len(keys) != 1 || keys[second] == nil {
		t.Errorf("after the grace: %v", keys)
	}
	w.touch(t, 1)
	w.deliverAll(t)
	w.checkStats(t, dtcloud.Stats{Sent: 3, Delivered: 3, Attempts: 3})
}

func TestNoKeysWithoutBaseURL(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.RotateKey(); !errors.Is(err, dtcloud.ErrInvalid) || w.Issuer() != "" {
		t.Errorf("issuer %q, %v", w.Issuer(), err)
	}
}
