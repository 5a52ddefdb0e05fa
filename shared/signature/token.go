package signature

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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

func parseToken(text string) (token, error) {
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
	} else if err = t.parseHeader(header); err != nil {
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

func (t *token) parseHeader(segment string) error {
	decoded, err := decodeSegment(segment)
	if err != nil {
		return err
	}
	return eachMember(decoded, func(name string, value jsontext.Value) (err error) {
		switch name {
		case "alg":
			t.algorithm, err = text(name, value)
		case "kid":
			t.keyID, err = text(name, value)
		case "crit":
			// Extensions that must be understood (RFC 7515, section 4.1.11);
			// none is.
			err = fmt.Errorf("%w: crit", ErrMalformed)
		default:
			err = plain(name, value)
		}
		return err
	})
}

// eachMember calls f with every member of the JSON object in data. A name that
// stands twice is an error: which one counts would be a matter of taste.
func eachMember(data []byte, f func(name string, value jsontext.Value) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	if d.PeekKind() != '{' {
		return fmt.Errorf("%w: not a JSON object", ErrMalformed)
	}
	if _, err := d.ReadToken(); err != nil {
		return fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("%w: not JSON", ErrMalformed)
		}
		key := name.String() // before the next read makes it invalid
		value, err := d.ReadValue()
		if err != nil {
			return fmt.Errorf("%w: not JSON", ErrMalformed)
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return fmt.Errorf("%w: not JSON", ErrMalformed)
	}
	if len(bytes.TrimLeft(data[d.InputOffset():], " \t\r\n")) > 0 {
		return fmt.Errorf("%w: more than one JSON value", ErrMalformed)
	}
	return nil
}

// text returns the string in value.
func text(name string, value jsontext.Value) (string, error) {
	if value.Kind() != '"' {
		return "", fmt.Errorf("%w: %s: not a string", ErrMalformed, name)
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return "", fmt.Errorf("%w: %s: not a string", ErrMalformed, name)
	}
	return string(unquoted), nil
}

// plain refuses a member, of no use here, that golang-jwt could not read: a
// number beyond float64.
func plain(name string, value jsontext.Value) error {
	switch value.Kind() {
	case '0', '{', '[':
		var v any
		if json.Unmarshal(value, &v) != nil {
			return fmt.Errorf("%w: unreadable member", ErrMalformed)
		}
	}
	return nil
}
