package signature

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A token is a compact JSON Web Signature (RFC 7515, section 7.1), taken apart
// but not verified.
//
// The parser stands in front of golang-jwt's cryptography, because DT sends two
// fixed shapes and the general parser takes several times as long. It is
// stricter: what it accepts, golang-jwt accepts (FuzzToken).
type token struct {
	algorithm string // alg
	keyID     string // kid, may be empty
	signed    string // header.payload, what the signature covers
	payload   []byte
	signature []byte
}

// headerHS256 is {"alg":"HS256","typ":"JWT"}: the header of every symmetric
// token that DT is known to have sent, recognized without decoding it.
const headerHS256 = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

func (p *parser) token(text string) (token, error) {
	// The decoder of base64 passes over line breaks; a token has none.
	if strings.ContainsAny(text, "\r\n") {
		return token{}, fmt.Errorf("%w: line break", ErrMalformed)
	}
	header, rest, ok := strings.Cut(text, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || strings.Contains(signature, ".") {
		return token{}, fmt.Errorf("%w: not three segments", ErrMalformed)
	}
	if header == "" || payload == "" || signature == "" {
		return token{}, fmt.Errorf("%w: empty segment", ErrMalformed)
	}
	t := token{signed: text[:len(header)+1+len(payload)]}
	var err error
	if header == headerHS256 {
		t.algorithm = "HS256"
	} else if err = p.header(&t, header); err != nil {
		return token{}, err
	}
	if t.payload, err = decodeSegment(payload); err != nil {
		return token{}, err
	}
	if t.signature, err = decodeSegment(signature); err != nil {
		return token{}, err
	}
	return t, nil
}

func decodeSegment(segment string) ([]byte, error) {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64url", ErrMalformed)
	}
	return decoded, nil
}

func (p *parser) header(t *token, segment string) error {
	decoded, err := decodeSegment(segment)
	if err != nil {
		return err
	}
	return p.eachMember(decoded, func(name []byte, value jsontext.Value) (err error) {
		switch string(name) {
		case "alg":
			t.algorithm, err = p.text("alg", value)
		case "kid":
			t.keyID, err = p.text("kid", value)
		case "crit":
			// Extensions that must be understood (RFC 7515, section 4.1.11);
			// none is.
			err = fmt.Errorf("%w: crit", ErrMalformed)
		default:
			err = plain(value)
		}
		return err
	})
}
