package dtapi

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// backdate is how much before now an assertion says it was made: DT refuses those
	// from the future, and this machine's clock may be ahead of DT's. DT's Terraform
	// provider does the same.
	backdate = 5 * time.Second
	// assertionLifetime is the most that DT allows (page "OAuth2").
	assertionLifetime = time.Hour
)

// claims are those of an assertion, in DT's order. The embedded interface is nil: its
// methods are for checking a token, and this one is for DT to check.
type claims struct {
	jwt.Claims `json:"-"`

	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	Audience  string `json:"aud"`
	Issuer    string `json:"iss"`
}

// newAssertion returns a JSON Web Token that says that its holder is the service
// account (page "OAuth2"; RFC 7523, section 3), made at now.
func newAssertion(c Credentials, audience string, now time.Time) (secret.Text, error) {
	issued := now.Add(-backdate)
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		IssuedAt:  issued.Unix(),
		ExpiresAt: issued.Add(assertionLifetime).Unix(),
		Audience:  audience,
		Issuer:    c.Email,
	})
	t.Header["kid"] = c.KeyID
	signed, err := t.SignedString([]byte(c.Secret.Reveal()))
	return secret.New(signed), err
}
