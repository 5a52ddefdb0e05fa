package dtcloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const (
	issuerPath    = "/data-connector"
	discoveryPath = issuerPath + "/.well-known/openid-configuration"
	// keySetPath is made up: DT's is found by discovery alone.
	keySetPath = issuerPath + "/.well-known/jwks.json"
)

// discovery is an OpenID provider's description of itself (OpenID Connect
// Discovery 1.0, section 3), as far as receivers read it.
type discovery struct {
	Issuer     string   `json:"issuer"`
	KeySetURL  string   `json:"jwks_uri"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

// Issuer returns the issuer of the asymmetric signature, or "" when there is none.
func (c *Cloud) Issuer() string {
	if c.config.BaseURL == "" {
		return ""
	}
	return strings.TrimSuffix(c.config.BaseURL, "/") + issuerPath
}

// RotateKey makes the cloud sign with a new key and returns the key's id. The one
// before stays published for Config.KeyGrace.
func (c *Cloud) RotateKey() (string, error) {
	if c.keys == nil {
		return "", fmt.Errorf("rotate key: %w: there are no keys without a BaseURL", ErrInvalid)
	}
	return c.keys.rotate()
}

// Handler serves the REST API (APIPath, TokenPath) and what receivers fetch from DT
// Cloud: the issuer's discovery document and key set. It belongs at Config.BaseURL.
// The emulator's API is a part of APIPath; all of it is also below "/emulator", for
// clients that want two addresses.
func (c *Cloud) Handler() http.Handler {
	mux := http.NewServeMux()
	(&apiServer{cloud: c}).register(mux)
	if c.keys == nil {
		return mux
	}
	mux.HandleFunc("GET "+discoveryPath, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, discovery{
			Issuer:     c.Issuer(),
			KeySetURL:  strings.TrimSuffix(c.config.BaseURL, "/") + keySetPath,
			Algorithms: []string{"ES256"},
		})
	})
	mux.HandleFunc("GET "+keySetPath, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, struct {
			Keys []publicKey `json:"keys"`
		}{c.keys.published()})
	})
	return mux
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	// The error is that of a client that went away.
	_ = json.NewEncoder(w).Encode(value)
}
