package dtcloud

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// A keyring holds the key that is signed with, and those before it until they are
// withdrawn.
type keyring struct {
	issuer, organization string
	clock                Clock
	tokenNow             func() time.Time
	grace                time.Duration

	mu      sync.RWMutex
	current *signature.Signer
	keys    []publicKey // the current one last
}

// A publicKey is a member of the key set (RFC 7517; RFC 7518, section 6.2).
type publicKey struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	X         string `json:"x"`
	Y         string `json:"y"`

	withdraw time.Time // zero for the current key
}

func newKeyring(issuer, organization string, clock Clock, tokenNow func() time.Time, grace time.Duration) (*keyring, error) {
	k := &keyring{issuer: issuer, organization: organization, clock: clock, tokenNow: tokenNow, grace: grace}
	if _, err := k.rotate(); err != nil {
		return nil, err
	}
	return k, nil
}

// rotate makes a new key the current one and returns its id.
func (k *keyring) rotate() (id string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	now := k.clock.Now()
	if id, err = event.NewID(now, rand.Reader); err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	signer, err := signature.NewAsymmetricSigner(key, id, k.issuer, k.organization, signature.WithSignerClock(k.tokenNow))
	if err != nil {
		return "", err
	}
	// SEC 1, section 2.3.3: a byte that says "uncompressed", then both coordinates.
	x, y := point[1:33], point[33:]

	k.mu.Lock()
	defer k.mu.Unlock()
	if last := len(k.keys) - 1; last >= 0 {
		k.keys[last].withdraw = now.Add(k.grace)
	}
	k.keys = append(k.keys, publicKey{
		Type: "EC", Curve: "P-256", Use: "sig", Algorithm: "ES256", ID: id,
		X: base64.RawURLEncoding.EncodeToString(x),
		Y: base64.RawURLEncoding.EncodeToString(y),
	})
	k.current = signer
	return id, nil
}

func (k *keyring) signer() *signature.Signer {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current
}

// published returns the keys that are in the key set now.
func (k *keyring) published() []publicKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock.Now()
	var keys []publicKey
	for _, key := range k.keys {
		if key.withdraw.IsZero() || now.Before(key.withdraw) {
			keys = append(keys, key)
		}
	}
	k.keys = keys
	return append([]publicKey(nil), keys...)
}
