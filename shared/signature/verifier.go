package signature

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// MaxTokenLength is the longest token, in bytes, that is looked at. DT's are
	// below 600.
	MaxTokenLength = 8 << 10
	// Leeway is how far the clocks of DT Cloud and of this machine may differ.
	Leeway = time.Minute
)

// Config is what a Verifier verifies with. A scheme is on when what it needs is
// there: Secrets for X-Dt-Signature, Organization and Keys for
// DT-Asymmetric-Signature. At least one must be.
type Config struct {
	// Secrets returns the secrets that the connector may have signed with: the
	// current one first, then, while it is being changed, the previous one. It is
	// called for every request, from any goroutine, and must not block. Empty
	// secrets are passed over.
	Secrets func() [][]byte

	// Organization is the id of the DT organization whose connectors are
	// accepted. DT signs for all its customers with the same keys: without this
	// check any of them could send events here.
	Organization string
	// Issuer is the iss claim to require; "" means DefaultIssuer.
	Issuer string
	// Keys finds the issuer's public keys.
	Keys KeySource

	// AllowSHA1 accepts X-Dt-Signature tokens that carry only a SHA-1 checksum,
	// as DT made them before 2022. A SHA-256 claim still decides alone.
	//
	// WARNING: SHA-1 collisions can be made. Leave it off unless such tokens
	// really come.
	AllowSHA1 bool

	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Verifier tells whether a request comes from the configured connector and
// carries the body that was signed. It is safe for concurrent use.
type Verifier struct {
	secrets      func() [][]byte
	keys         KeySource
	organization string
	issuer       string
	allowSHA1    bool
	now          func() time.Time
	parsers      sync.Pool // of *parser
}

// NewVerifier returns a Verifier, or an error that wraps ErrNoKey when the
// configuration could not verify anything: it fails closed.
func NewVerifier(c Config) (*Verifier, error) {
	v := &Verifier{
		secrets:      c.Secrets,
		organization: bareOrganization(c.Organization),
		issuer:       c.Issuer,
		allowSHA1:    c.AllowSHA1,
		now:          c.Now,
	}
	if v.issuer == "" {
		v.issuer = DefaultIssuer
	}
	if v.now == nil {
		v.now = time.Now
	}
	switch {
	case v.organization != "" && c.Keys == nil:
		return nil, fmt.Errorf("verifier: %w: an organization needs a source of keys", ErrNoKey)
	case v.organization != "":
		v.keys = c.Keys
	case c.Keys != nil:
		return nil, fmt.Errorf("verifier: %w: keys need an organization, since they sign for all of DT's customers", ErrNoKey)
	}
	if v.secrets != nil && !anySecret(v.secrets()) {
		return nil, fmt.Errorf("verifier: %w: the secret is empty", ErrNoKey)
	}
	if v.secrets == nil && v.keys == nil {
		return nil, fmt.Errorf("verifier: %w", ErrNoKey)
	}
	return v, nil
}

// StaticSecrets returns a Config.Secrets for secrets that do not change while
// the process runs. The current one comes first; empty ones are left out.
func StaticSecrets(secrets ...string) func() [][]byte {
	var keys [][]byte
	for _, s := range secrets {
		if s != "" {
			keys = append(keys, []byte(s))
		}
	}
	return func() [][]byte { return keys }
}

// Verified is what a request that passed proves.
type Verified struct {
	// Claims are those of the asymmetric token when both were there.
	Claims Claims
	// Header is the name of the header that Claims come from.
	Header string
	// PreviousSecret is true when only the previous secret fitted: the connector
	// has not been given the current one yet.
	PreviousSecret bool
}

// Verify checks the signature headers in header, whose names may be in any case,
// against body, the exact bytes that came.
//
// Each configured scheme whose header is there must pass, and at least one must
// be there. A header of a scheme that is not configured is not looked at. The
// error wraps one of this package's; on ErrKeysUnavailable the request may pass
// later, on all others never.
//
// ctx bounds only the fetching of keys that are not known yet.
func (v *Verifier) Verify(ctx context.Context, header map[string][]string, body []byte) (Verified, error) {
	var verified Verified
	sums := checksums{body: body}
	p, ok := v.parsers.Get().(*parser)
	if !ok {
		p = newParser()
	}
	defer func() {
		p.reset(nil)
		v.parsers.Put(p)
	}()
	passed := false
	if v.secrets != nil {
		text, err := single(header, HeaderSymmetric)
		switch {
		case err == nil:
			if verified, err = v.symmetric(p, text, &sums); err != nil {
				return Verified{}, err
			}
			passed = true
		case !errors.Is(err, ErrMissing):
			return Verified{}, err
		}
	}
	if v.keys != nil {
		text, err := single(header, HeaderAsymmetric)
		switch {
		case err == nil:
			previous := verified.PreviousSecret
			if verified, err = v.asymmetric(ctx, p, text, &sums); err != nil {
				return Verified{}, err
			}
			verified.PreviousSecret = previous
			passed = true
		case !errors.Is(err, ErrMissing):
			return Verified{}, err
		}
	}
	if !passed {
		return Verified{}, ErrMissing
	}
	return verified, nil
}

func (v *Verifier) symmetric(p *parser, text string, sums *checksums) (Verified, error) {
	t, err := p.token(text)
	if err != nil {
		return Verified{}, err
	}
	if t.algorithm != jwt.SigningMethodHS256.Alg() {
		return Verified{}, ErrAlgorithm
	}
	position, err := matchSecret(t, v.secrets())
	if err != nil {
		return Verified{}, err
	}
	claims, err := p.claims(t.payload)
	if err != nil {
		return Verified{}, err
	}
	if err := claims.checkTimes(v.now()); err != nil {
		return Verified{}, err
	}
	if err := sums.match(claims, v.allowSHA1); err != nil {
		return Verified{}, err
	}
	return Verified{Claims: claims, Header: HeaderSymmetric, PreviousSecret: position > 0}, nil
}

// matchSecret returns the position in secrets of the one that t was signed with.
func matchSecret(t token, secrets [][]byte) (int, error) {
	if !anySecret(secrets) {
		return 0, ErrNoKey
	}
	for i, secret := range secrets {
		if len(secret) == 0 {
			continue
		}
		if jwt.SigningMethodHS256.Verify(t.signed, t.signature, secret) == nil {
			return i, nil
		}
	}
	return 0, ErrSignature
}

func (v *Verifier) asymmetric(ctx context.Context, p *parser, text string, sums *checksums) (Verified, error) {
	t, err := p.token(text)
	if err != nil {
		return Verified{}, err
	}
	if t.algorithm != jwt.SigningMethodES256.Alg() {
		return Verified{}, ErrAlgorithm
	}
	if t.keyID == "" {
		return Verified{}, ErrUnknownKey
	}
	key, err := v.keys.Key(ctx, t.keyID)
	if err != nil {
		return Verified{}, err
	}
	if jwt.SigningMethodES256.Verify(t.signed, t.signature, key) != nil {
		return Verified{}, ErrSignature
	}
	claims, err := p.claims(t.payload)
	if err != nil {
		return Verified{}, err
	}
	if claims.Issuer != v.issuer {
		return Verified{}, ErrIssuer
	}
	if bareOrganization(claims.Subject) != v.organization {
		return Verified{}, ErrOrganization
	}
	if err := claims.checkTimes(v.now()); err != nil {
		return Verified{}, err
	}
	// DT has never made an asymmetric token with SHA-1 alone.
	if err := sums.match(claims, false); err != nil {
		return Verified{}, err
	}
	return Verified{Claims: claims, Header: HeaderAsymmetric}, nil
}

// single returns the only value of the header called name, without the white
// space around it.
func single(header map[string][]string, name string) (string, error) {
	var value string
	found := false
	for key, values := range header {
		if len(key) != len(name) || !strings.EqualFold(key, name) {
			continue
		}
		for _, v := range values {
			if found {
				return "", fmt.Errorf("%w: %s", ErrRepeated, name)
			}
			value, found = v, true
		}
	}
	if !found {
		return "", ErrMissing
	}
	if len(value) > MaxTokenLength {
		return "", ErrTokenTooLong
	}
	return strings.Trim(value, " \t"), nil
}

func anySecret(secrets [][]byte) bool {
	for _, s := range secrets {
		if len(s) > 0 {
			return true
		}
	}
	return false
}

// bareOrganization returns the id in an organization's resource name, which DT
// writes "organizations/ID" in its REST API.
func bareOrganization(name string) string {
	return strings.TrimPrefix(name, "organizations/")
}
