package signature_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/signature"
)

func newVerifier(t testing.TB, c signature.Config) *signature.Verifier {
	t.Helper()
	v, err := signature.NewVerifier(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func symmetric(token string) map[string][]string {
	return map[string][]string{signature.HeaderSymmetric: {token}}
}

func asymmetric(token string) map[string][]string {
	return map[string][]string{signature.HeaderAsymmetric: {token}}
}

// The tokens that DT Cloud itself signed.
func TestVerifyRealTokens(t *testing.T) {
	for _, v := range readVectors(t, "signed_real.json") {
		t.Run(v.ID, func(t *testing.T) {
			config := signature.Config{
				Secrets:   signature.StaticSecrets(v.Secret),
				AllowSHA1: true, // the token of 2021 has nothing else
				Now:       at(v.ValidClock),
			}
			verified, err := newVerifier(t, config).Verify(t.Context(), symmetric(v.Token), v.Body)
			if err != nil {
				t.Fatalf("at its clock: %v", err)
			}
			if verified.Claims.ID == "" || verified.Claims.IssuedAt.Unix() != v.ValidClock-60 || verified.Header != signature.HeaderSymmetric {
				t.Errorf("claims: %+v", verified)
			}

			for i := range v.Body {
				changed := append([]byte(nil), v.Body...)
				changed[i] ^= 1
				if _, err := newVerifier(t, config).Verify(t.Context(), symmetric(v.Token), changed); !errors.Is(err, signature.ErrChecksum) {
					t.Fatalf("byte %d changed: got %v, want ErrChecksum", i, err)
				}
			}

			config.Now = at(v.Expired + 60)
			if _, err := newVerifier(t, config).Verify(t.Context(), symmetric(v.Token), v.Body); !errors.Is(err, signature.ErrExpired) {
				t.Errorf("after its time: got %v, want ErrExpired", err)
			}
		})
	}
}

func TestVerifySyntheticVectors(t *testing.T) {
	// What each refusal must say. A vector that is not listed must be accepted.
	refusals := map[string]error{
		"valid-sha1-only":   signature.ErrNoChecksum,
		"both-sha256-wrong": signature.ErrChecksum,
		"no-checksum":       signature.ErrNoChecksum,
		"expired":           signature.ErrExpired,
		"missing-exp":       signature.ErrNoExpiry,
		"wrong-secret":      signature.ErrSignature,
		"alg-none":          signature.ErrMalformed, // its signature is empty
		"alg-HS512":         signature.ErrAlgorithm,
		"alg-missing":       signature.ErrAlgorithm,
		"duplicate-alg-key": signature.ErrMalformed,
		"tampered-body":     signature.ErrChecksum,
		"reencoded-body":    signature.ErrChecksum,
		"empty-body":        signature.ErrChecksum,
		"payload-tampered":  signature.ErrSignature,
		"sig-empty":         signature.ErrMalformed,
		"two-segments":      signature.ErrMalformed,
		"not-a-jwt":         signature.ErrMalformed,
	}
	for _, v := range readVectors(t, "signed_synthetic.json") {
		t.Run(v.ID, func(t *testing.T) {
			verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets(v.Secret), Now: at(v.Clock)})
			_, err := verifier.Verify(t.Context(), symmetric(v.Token), v.Body)
			if want := refusals[v.ID]; !errors.Is(err, want) {
				t.Fatalf("got %v, want %v (%s)", err, want, v.Why)
			}
			// The list above must agree with the vectors.
			switch {
			case strings.HasPrefix(v.Expect, "accept") && err != nil, strings.HasPrefix(v.Expect, "reject") && err == nil:
				t.Errorf("got %v, the vector expects %q", err, v.Expect)
			}
		})
	}
}

func TestVerifySHA1OnlyWhenAllowed(t *testing.T) {
	for _, v := range readVectors(t, "signed_synthetic.json") {
		want := map[string]error{"valid-sha1-only": nil, "both-sha256-wrong": signature.ErrChecksum, "no-checksum": signature.ErrNoChecksum}
		expected, listed := want[v.ID]
		if !listed {
			continue
		}
		verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets(v.Secret), AllowSHA1: true, Now: at(v.Clock)})
		if _, err := verifier.Verify(t.Context(), symmetric(v.Token), v.Body); !errors.Is(err, expected) {
			t.Errorf("%s: got %v, want %v", v.ID, err, expected)
		}
	}
}

func TestVerifyAsymmetricVectors(t *testing.T) {
	file := readAsymmetric(t)
	keys, err := signature.ParseKeys(file.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	refusals := map[string]error{
		"unknown-kid":    signature.ErrUnknownKey,
		"wrong-iss":      signature.ErrIssuer,
		"wrong-org":      signature.ErrOrganization,
		"expired":        signature.ErrExpired,
		"wrong-checksum": signature.ErrChecksum,
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			for _, organization := range []string{file.Organization, "organizations/" + file.Organization} {
				verifier := newVerifier(t, signature.Config{Organization: organization, Keys: keys, Now: at(v.Clock)})
				verified, err := verifier.Verify(t.Context(), asymmetric(v.Token), file.Body)
				if want := refusals[v.ID]; !errors.Is(err, want) || (err == nil) != (v.Expect == "accept") {
					t.Fatalf("got %v, want %v (%s)", err, want, v.Why)
				}
				if err == nil && (verified.Claims.Subject != file.Organization || verified.Header != signature.HeaderAsymmetric) {
					t.Errorf("verified: %+v", verified)
				}
			}
		})
	}
}

// A token of one scheme must never pass as one of the other.
func TestVerifyKeepsSchemesApart(t *testing.T) {
	file := readAsymmetric(t)
	keys, err := signature.ParseKeys(file.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	valid := file.Vectors[0]
	both := newVerifier(t, signature.Config{
		Secrets: signature.StaticSecrets("test-secret"), Organization: file.Organization, Keys: keys, Now: at(valid.Clock),
	})
	hs := symmetricToken(t, "test-secret", valid.Clock, file.Body)
	tests := []struct {
		name   string
		header map[string][]string
		want   error
	}{
		{"both right", map[string][]string{"X-Dt-Signature": {hs}, "DT-Asymmetric-Signature": {valid.Token}}, nil},
		{"symmetric alone", symmetric(hs), nil},
		{"asymmetric alone", asymmetric(valid.Token), nil},
		{"none", nil, signature.ErrMissing},
		{"swapped", map[string][]string{"X-Dt-Signature": {valid.Token}, "DT-Asymmetric-Signature": {hs}}, signature.ErrAlgorithm},
		{"symmetric wrong, asymmetric right", map[string][]string{"X-Dt-Signature": {symmetricToken(t, "other", valid.Clock, file.Body)}, "DT-Asymmetric-Signature": {valid.Token}}, signature.ErrSignature},
		{"symmetric right, asymmetric of another organization", map[string][]string{"X-Dt-Signature": {hs}, "DT-Asymmetric-Signature": {file.Vectors[3].Token}}, signature.ErrOrganization},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := both.Verify(t.Context(), test.header, file.Body); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}

	// With one scheme configured, that one decides and the other is not read.
	onlySymmetric := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets("test-secret"), Now: at(valid.Clock)})
	if _, err := onlySymmetric.Verify(t.Context(), map[string][]string{"X-Dt-Signature": {hs}, "DT-Asymmetric-Signature": {"junk"}}, file.Body); err != nil {
		t.Errorf("only symmetric configured: %v", err)
	}
	if _, err := onlySymmetric.Verify(t.Context(), asymmetric(valid.Token), file.Body); !errors.Is(err, signature.ErrMissing) {
		t.Errorf("only symmetric configured, asymmetric sent: got %v, want ErrMissing", err)
	}
}

func TestVerifyHeaderForms(t *testing.T) {
	body := []byte(`{}`)
	token := symmetricToken(t, "s3cret", 1700000000, body)
	verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets("s3cret"), Now: at(1700000000)})
	tests := []struct {
		name   string
		header map[string][]string
		want   error
	}{
		{"lower case", map[string][]string{"x-dt-signature": {token}}, nil},
		{"upper case", map[string][]string{"X-DT-SIGNATURE": {token}}, nil},
		{"white space", symmetric("\t " + token + " \t"), nil},
		{"twice the same", map[string][]string{"X-Dt-Signature": {token, token}}, signature.ErrRepeated},
		{"twice, different", map[string][]string{"X-Dt-Signature": {token, "x.y.z"}}, signature.ErrRepeated},
		{"twice, in two cases", map[string][]string{"X-Dt-Signature": {token}, "x-dt-signature": {token}}, signature.ErrRepeated},
		{"joined by a comma", symmetric(token + ", " + token), signature.ErrMalformed},
		{"no value", map[string][]string{"X-Dt-Signature": {}}, signature.ErrMissing},
		{"empty value", symmetric(""), signature.ErrMalformed},
		{"Bearer", symmetric("Bearer " + token), signature.ErrMalformed},
		{"a megabyte", symmetric(strings.Repeat("A", 1<<20)), signature.ErrTokenTooLong},
		{"a thousand dots", symmetric(strings.Repeat(".", 1000)), signature.ErrMalformed},
		{"a thousand segments", symmetric(strings.Repeat("e30.", 1000)), signature.ErrMalformed},
		{"line break inside", symmetric(token[:20] + "\n" + token[20:]), signature.ErrMalformed},
		{"padding", symmetric(token + "="), signature.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := verifier.Verify(t.Context(), test.header, body); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestVerifyTimes(t *testing.T) {
	const now = 1700000000
	body := []byte(`{}`)
	checksum := `"checksum_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`
	verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets("s3cret"), Now: at(now)})
	tests := []struct {
		name, claims string
		want         error
	}{
		{"fresh", `"exp":1700003600,"iat":1700000000`, nil},
		{"no iat", `"exp":1700003600`, nil},
		{"59 s after exp", `"exp":1699999941`, nil},
		{"60 s after exp", `"exp":1699999940`, signature.ErrExpired},
		{"iat 60 s ahead", `"exp":1700003600,"iat":1700000060`, nil},
		{"iat 61 s ahead", `"exp":1700003600,"iat":1700000061`, signature.ErrNotYetValid},
		{"nbf 61 s ahead", `"exp":1700003600,"nbf":1700000061`, signature.ErrNotYetValid},
		{"fractions", `"exp":1700003600.75,"iat":1.7e9`, nil},
		{"exp as text", `"exp":"1700003600"`, signature.ErrMalformed},
		{"exp null", `"exp":null`, signature.ErrMalformed},
		{"exp 0", `"exp":0`, signature.ErrMalformed},
		{"exp beyond all time", `"exp":1e300`, signature.ErrMalformed},
		{"exp twice", `"exp":1,"exp":1700003600`, signature.ErrMalformed},
		{"iat a list", `"exp":1700003600,"iat":[]`, signature.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			token := compact(t, "s3cret", `{"alg":"HS256","typ":"JWT"}`, "{"+checksum+","+test.claims+"}")
			if _, err := verifier.Verify(t.Context(), symmetric(token), body); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestVerifyJOSEHeaders(t *testing.T) {
	const claims = `{"checksum_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","exp":1700003600}`
	verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets("s3cret"), Now: at(1700000000)})
	tests := []struct {
		name, header string
		want         error
	}{
		{"DT's", `{"alg":"HS256","typ":"JWT"}`, nil},
		{"other order and spacing", `{"typ": "JWT", "alg": "HS256"}`, nil},
		{"escapes", `{"alg":"\u0048S256"}`, nil},
		{"unknown member", `{"alg":"HS256","x":[1,{"y":null}]}`, nil},
		{"crit", `{"alg":"HS256","crit":["exp"]}`, signature.ErrMalformed},
		{"b64 must be understood", `{"alg":"HS256","crit":["b64"],"b64":false}`, signature.ErrMalformed},
		{"lower case", `{"alg":"hs256"}`, signature.ErrAlgorithm},
		{"none", `{"alg":"none"}`, signature.ErrAlgorithm},
		{"a number", `{"alg":256}`, signature.ErrMalformed},
		{"a list", `["alg","HS256"]`, signature.ErrMalformed},
		{"two values", `{"alg":"HS256"}{}`, signature.ErrMalformed},
		{"cut short", `{"alg":"HS256"`, signature.ErrMalformed},
		{"a number beyond float64", `{"alg":"HS256","x":1e999}`, signature.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			token := compact(t, "s3cret", test.header, claims)
			if _, err := verifier.Verify(t.Context(), symmetric(token), []byte(`{}`)); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestVerifyWhileTheSecretChanges(t *testing.T) {
	body := []byte(`{"event":{}}`)
	secrets := [][]byte{[]byte("new"), []byte("old")}
	verifier := newVerifier(t, signature.Config{Secrets: func() [][]byte { return secrets }, Now: at(1700000000)})
	for secret, wantPrevious := range map[string]bool{"new": false, "old": true} {
		verified, err := verifier.Verify(t.Context(), symmetric(symmetricToken(t, secret, 1700000000, body)), body)
		if err != nil {
			t.Fatalf("%s: %v", secret, err)
		}
		if verified.PreviousSecret != wantPrevious {
			t.Errorf("%s: PreviousSecret is %v", secret, verified.PreviousSecret)
		}
	}
	old := symmetric(symmetricToken(t, "old", 1700000000, body))
	secrets = secrets[:1] // the change is over
	if _, err := verifier.Verify(t.Context(), old, body); !errors.Is(err, signature.ErrSignature) {
		t.Errorf("the old secret after the change: got %v, want ErrSignature", err)
	}
	secrets = nil // and a source of secrets that fails must not open the door
	if _, err := verifier.Verify(t.Context(), old, body); !errors.Is(err, signature.ErrNoKey) {
		t.Errorf("no secret left: got %v, want ErrNoKey", err)
	}
	secrets = [][]byte{{}, {}}
	empty := symmetric(compact(t, "", `{"alg":"HS256","typ":"JWT"}`, `{"exp":1700003600}`))
	if _, err := verifier.Verify(t.Context(), empty, body); !errors.Is(err, signature.ErrNoKey) {
		t.Errorf("empty secrets: got %v, want ErrNoKey", err)
	}
}

func TestNewVerifierFailsClosed(t *testing.T) {
	keys, err := signature.ParseKeys(readAsymmetric(t).JWKS)
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]signature.Config{
		"nothing":                  {},
		"empty secret":             {Secrets: signature.StaticSecrets("")},
		"no secret":                {Secrets: signature.StaticSecrets()},
		"organization, no keys":    {Organization: "o"},
		"keys, no organization":    {Keys: keys},
		"keys, empty organization": {Keys: keys, Organization: "organizations/"},
	} {
		if _, err := signature.NewVerifier(config); !errors.Is(err, signature.ErrNoKey) {
			t.Errorf("%s: got %v, want ErrNoKey", name, err)
		}
	}
}

// No error may tell a secret, a token or a body.
func TestErrorsTellNothing(t *testing.T) {
	const secret, marker = "very-secret-value", "marker-in-the-body"
	verifier := newVerifier(t, signature.Config{Secrets: signature.StaticSecrets(secret), Now: at(1700000000)})
	body := []byte(`{"` + marker + `":1}`)
	for _, token := range []string{
		symmetricToken(t, "other", 1700000000, body),
		symmetricToken(t, secret, 1600000000, body),
		symmetricToken(t, secret, 1700000000, nil),
		compact(t, secret, `{"`+marker+`":1e999}`, `{}`),
		compact(t, secret, `{"alg":"HS256"}`, `{"`+marker+`":1e999}`),
		compact(t, secret, `{"alg":"HS256"}`, `{"`+marker+`"`),
	} {
		_, err := verifier.Verify(context.Background(), symmetric(token), body)
		if err == nil {
			t.Fatal("accepted")
		}
		for _, hidden := range []string{secret, marker, token} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%q tells %q", err, hidden)
			}
		}
	}
}
