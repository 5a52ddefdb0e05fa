package signature_test

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/signature"
)

const fuzzClock = 1700000060

// oracle says whether golang-jwt's full parser accepts text.
func oracle(text, algorithm string, key any) error {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{algorithm}),
		jwt.WithLeeway(signature.Leeway),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithTimeFunc(func() time.Time { return time.Unix(fuzzClock, 0) }),
	)
	_, err := parser.ParseWithClaims(text, jwt.MapClaims{}, func(*jwt.Token) (any, error) { return key, nil })
	return err
}

// FuzzToken: any text in the header never panics, and is never accepted when
// golang-jwt refuses it.
func FuzzToken(f *testing.F) {
	for _, v := range readVectors(f, "signed_synthetic.json") {
		f.Add(v.Token, v.Body)
	}
	for _, v := range readAsymmetric(f).Vectors {
		f.Add(v.Token, readAsymmetric(f).Body)
	}
	keys, err := signature.ParseKeys(readAsymmetric(f).JWKS)
	if err != nil {
		f.Fatal(err)
	}
	verifier := newVerifier(f, signature.Config{
		Secrets: signature.StaticSecrets("test-secret"), Organization: readAsymmetric(f).Organization, Keys: keys,
		AllowSHA1: true, Now: at(fuzzClock),
	})
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		if _, err := verifier.Verify(t.Context(), symmetric(text), body); err == nil {
			if err := oracle(trimmed(text), "HS256", []byte("test-secret")); err != nil {
				t.Errorf("accepted, but golang-jwt says: %v", err)
			}
		}
		if _, err := verifier.Verify(t.Context(), asymmetric(text), body); err == nil {
			if err := oracle(trimmed(text), "ES256", keys["k1"]); err != nil && oracle(trimmed(text), "ES256", keys["k2"]) != nil {
				t.Errorf("accepted, but golang-jwt says: %v", err)
			}
		}
	})
}

// FuzzSignedToken goes behind the signature: every header and every claims set
// is signed with the right key.
func FuzzSignedToken(f *testing.F) {
	const sum = `"checksum_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`
	f.Add(`{"alg":"HS256","typ":"JWT"}`, `{`+sum+`,"exp":1700003600,"iat":1700000000,"jti":"cl9k2s0t1isjlr2vdorc"}`)
	f.Add(`{"alg":"HS256"}`, `{`+sum+`,"exp":1.7000036e9,"nbf":1699999999.5,"x":[{"y":1e400}]}`)
	f.Add(`{"alg":"none","ALG":"HS256"}`, `{`+sum+`,"Exp":1,"exp":1700003600}`)
	f.Add(`{"alg":"HS256","kid":"\ud800"}`, `{`+sum+`,"exp":17000036000000000000}`)
	verifier := newVerifier(f, signature.Config{Secrets: signature.StaticSecrets("test-secret"), Now: at(fuzzClock)})
	f.Fuzz(func(t *testing.T, header, claims string) {
		token := compact(t, "test-secret", header, claims)
		if _, err := verifier.Verify(t.Context(), symmetric(token), nil); err == nil {
			if err := oracle(token, "HS256", []byte("test-secret")); err != nil {
				t.Errorf("header %q, claims %q: accepted, but golang-jwt says: %v", header, claims, err)
			}
		}
	})
}

// FuzzKeys: a key set from outside never panics, and every key it gives can
// verify.
func FuzzKeys(f *testing.F) {
	f.Add([]byte(readAsymmetric(f).JWKS))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"","y":""}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := signature.ParseKeys(data)
		if err != nil {
			return
		}
		for id, key := range keys {
			if id == "" || jwt.SigningMethodES256.Verify("a.b", make([]byte, 64), key) == nil {
				t.Errorf("key %q verified a signature of zeros", id)
			}
		}
	})
}

// trimmed takes away what surrounds a header's value.
func trimmed(text string) string {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '\t') {
		text = text[:len(text)-1]
	}
	return text
}
