package signature

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// A KeySource finds the public keys of the issuer of asymmetric tokens.
type KeySource interface {
	// Key returns the key called id, or an error that wraps ErrUnknownKey when
	// the issuer has no such key, or ErrKeysUnavailable when that cannot be told
	// now.
	Key(ctx context.Context, id string) (*ecdsa.PublicKey, error)
}

// Keys are public keys by their id: a KeySource that never changes.
type Keys map[string]*ecdsa.PublicKey

// Key returns the key called id, or ErrUnknownKey.
func (k Keys) Key(_ context.Context, id string) (*ecdsa.PublicKey, error) {
	key, ok := k[id]
	if !ok {
		return nil, ErrUnknownKey
	}
	return key, nil
}

// ParseKeys reads a JSON Web Key Set (RFC 7517, section 5). It takes the P-256
// keys that have an id and may verify ES256 signatures, passes over all others,
// and returns an error when none is left.
func ParseKeys(data []byte) (Keys, error) {
	var set struct {
		Keys []jsonWebKey `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	keys := make(Keys)
	for i, k := range set.Keys {
		if !k.usable() {
			continue
		}
		key, err := k.publicKey()
		if err != nil {
			return nil, fmt.Errorf("key set: key %d: %w", i, err)
		}
		keys[k.ID] = key
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("key set: no P-256 key for ES256 among %d keys", len(set.Keys))
	}
	return keys, nil
}

// A jsonWebKey is a public key as in RFC 7517 and RFC 7518, section 6.2.
type jsonWebKey struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

func (k jsonWebKey) usable() bool {
	return k.Type == "EC" && k.Curve == "P-256" && k.ID != "" &&
		(k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == "ES256")
}

func (k jsonWebKey) publicKey() (*ecdsa.PublicKey, error) {
	const coordinate = 32
	point := []byte{4} // SEC 1, section 2.3.3: an uncompressed point
	for _, c := range []string{k.X, k.Y} {
		decoded, err := base64.RawURLEncoding.DecodeString(c)
		if err != nil || len(decoded) != coordinate {
			return nil, fmt.Errorf("coordinates must be %d bytes of base64url", coordinate)
		}
		point = append(point, decoded...)
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
}
