package signature_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// symmetricToken signs body as DT would have at the Unix second now.
func symmetricToken(t testing.TB, secret string, now int64, body []byte) string {
	t.Helper()
	signer, err := signature.NewSigner([]byte(secret), signature.WithSignerClock(at(now)))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// compact makes a token of any header and claims, signed with HMAC-SHA256 by the
// standard library alone.
func compact(t testing.TB, secret, header, claims string) string {
	t.Helper()
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// privateKey is the key k1 of the vectors.
func privateKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	d, err := base64.RawURLEncoding.DecodeString(readAsymmetric(t).Private.D)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Signing DT's own event at DT's own second must give DT's own token, but for
// the token's id, which is drawn anew: the header and the claims' form are the
// same.
func TestSignerMakesDTsTokens(t *testing.T) {
	real := readVectors(t, "signed_real.json")[1]
	token := symmetricToken(t, real.Secret, real.ValidClock-60, real.Body)
	parse := func(text string) (map[string]any, jwt.MapClaims) {
		claims := jwt.MapClaims{}
		parsed, _, err := jwt.NewParser().ParseUnverified(text, claims)
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Header, claims
	}
	gotHeader, got := parse(token)
	wantHeader, want := parse(real.Token)
	if len(gotHeader) != len(wantHeader) || gotHeader["alg"] != wantHeader["alg"] || gotHeader["typ"] != wantHeader["typ"] {
		t.Errorf("header %v, DT's is %v", gotHeader, wantHeader)
	}
	if len(got) != len(want) {
		t.Errorf("claims %v, DT's are %v", got, want)
	}
	for name, value := range want {
		if name != "jti" && got[name] != value {
			t.Errorf("%s: %v, DT's is %v", name, got[name], value)
		}
	}
	if id, _ := got["jti"].(string); len(id) != 20 {
		t.Errorf("jti %q has not 20 characters", id)
	}
}

func TestAsymmetricSignerVerifies(t *testing.T) {
	file := readAsymmetric(t)
	keys, err := signature.ParseKeys(file.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := signature.NewAsymmetricSigner(privateKey(t), "k1", signature.DefaultIssuer, file.Organization, signature.WithSignerClock(at(1700000000)))
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	if err := signer.SignHeader(header, file.Body); err != nil {
		t.Fatal(err)
	}
	verifier := newVerifier(t, signature.Config{Organization: file.Organization, Keys: keys, Now: at(1700000000)})
	verified, err := verifier.Verify(t.Context(), header, file.Body)
	if err != nil {
		t.Fatal(err)
	}
	if verified.Claims.Issuer != signature.DefaultIssuer || verified.Claims.Checksum != "" {
		t.Errorf("claims: %+v", verified.Claims)
	}
}

func TestSignerIsReproducible(t *testing.T) {
	sign := func() string {
		signer, err := signature.NewSigner([]byte("s"), signature.WithSignerClock(at(1)), signature.WithSignerRandom(rand.NewChaCha8([32]byte{7})))
		if err != nil {
			t.Fatal(err)
		}
		token, err := signer.Sign([]byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	if a, b := sign(), sign(); a != b {
		t.Errorf("same clock, randomness and body, but\n%s\n%s", a, b)
	}
}

func TestSignerRefusesNoKey(t *testing.T) {
	if _, err := signature.NewSigner(nil); !errors.Is(err, signature.ErrNoKey) {
		t.Errorf("no secret: got %v, want ErrNoKey", err)
	}
	if _, err := signature.NewAsymmetricSigner(nil, "k", "i", "o"); !errors.Is(err, signature.ErrNoKey) {
		t.Errorf("no key: got %v, want ErrNoKey", err)
	}
	if _, err := signature.NewAsymmetricSigner(privateKey(t), "", "i", "o"); err == nil {
		t.Error("no key id: accepted")
	}
}
