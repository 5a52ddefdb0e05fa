package signature

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/event"
)

// Lifetime is how long a token that a Signer makes is valid: DT's own choice.
const Lifetime = time.Hour

// A Signer makes tokens as DT Cloud does. It is safe for concurrent use if its
// clock and randomness are.
type Signer struct {
	header string
	method jwt.SigningMethod
	key    any
	keyID  string
	claims jwt.MapClaims // the same in every token
	now    func() time.Time
	random io.Reader
}

// SignerOption changes a Signer.
type SignerOption func(*Signer)

// WithSignerClock makes the signer take the time from now instead of time.Now.
func WithSignerClock(now func() time.Time) SignerOption {
	return func(s *Signer) { s.now = now }
}

// WithSignerRandom makes the signer take token ids from random instead of
// crypto/rand. Signatures and keys do not use it.
func WithSignerRandom(random io.Reader) SignerOption {
	return func(s *Signer) { s.random = random }
}

// NewSigner returns a signer for X-Dt-Signature. An empty secret is an error:
// a token signed with it proves nothing.
func NewSigner(secret []byte, options ...SignerOption) (*Signer, error) {
	if len(secret) == 0 {
		return nil, fmt.Errorf("signer: %w", ErrNoKey)
	}
	return newSigner(HeaderSymmetric, jwt.SigningMethodHS256, secret, options), nil
}

// NewAsymmetricSigner returns a signer for DT-Asymmetric-Signature. The tokens
// name keyID, issuer and, as their subject, organization (an organization's id).
func NewAsymmetricSigner(key *ecdsa.PrivateKey, keyID, issuer, organization string, options ...SignerOption) (*Signer, error) {
	if key == nil {
		return nil, fmt.Errorf("signer: %w", ErrNoKey)
	}
	if keyID == "" || issuer == "" || organization == "" {
		return nil, errors.New("signer: a key id, an issuer and an organization are required")
	}
	s := newSigner(HeaderAsymmetric, jwt.SigningMethodES256, key, options)
	s.keyID = keyID
	s.claims = jwt.MapClaims{"iss": issuer, "sub": organization}
	return s, nil
}

func newSigner(header string, method jwt.SigningMethod, key any, options []SignerOption) *Signer {
	s := &Signer{header: header, method: method, key: key, now: time.Now, random: rand.Reader}
	for _, option := range options {
		option(s)
	}
	return s
}

// Sign returns a token for body.
func (s *Signer) Sign(body []byte) (string, error) {
	now := s.now()
	id, err := event.NewID(now, s.random)
	if err != nil {
		return "", fmt.Errorf("signer: token id: %w", err)
	}
	legacy, sum := sha1.Sum(body), sha256.Sum256(body)
	claims := jwt.MapClaims{
		"iat":             now.Unix(),
		"exp":             now.Add(Lifetime).Unix(),
		"jti":             id,
		"checksum_sha256": hex.EncodeToString(sum[:]),
	}
	if s.header == HeaderSymmetric {
		// DT's symmetric tokens carry the SHA-1 too, for receivers written
		// before 2022.
		claims["checksum"] = hex.EncodeToString(legacy[:])
	}
	for name, value := range s.claims {
		claims[name] = value
	}
	token := jwt.NewWithClaims(s.method, claims)
	if s.keyID != "" {
		token.Header["kid"] = s.keyID
	}
	signed, err := token.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("signer: %w", err)
	}
	return signed, nil
}

// SignHeader signs body and sets the token in h, replacing one that is there.
func (s *Signer) SignHeader(h http.Header, body []byte) error {
	token, err := s.Sign(body)
	if err != nil {
		return err
	}
	h.Set(s.header, token)
	return nil
}
