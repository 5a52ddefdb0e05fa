package signature

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Claims are what a token says (RFC 7519, section 4). Absent ones are zero.
type Claims struct {
	// ID (jti) names the token, so one delivery. It is not the event's id and
	// differs on a redelivery: never use it against duplicates.
	ID       string
	Issuer   string    // iss; asymmetric tokens only
	Subject  string    // sub; the organization, asymmetric tokens only
	IssuedAt time.Time // iat
	Expires  time.Time // exp
	// Checksum is the lower-case hex SHA-1 of the body.
	Checksum string
	// ChecksumSHA256 is the lower-case hex SHA-256 of the body.
	ChecksumSHA256 string

	notBefore   time.Time // nbf; DT does not send it
	hasChecksum bool
	hasSHA256   bool
}

// maxTime is the last second that a claim may name: the end of the year 9999.
const maxTime = 253402300799

func (p *parser) claims(payload []byte) (Claims, error) {
	var c Claims
	err := p.eachMember(payload, func(name []byte, value jsontext.Value) (err error) {
		switch string(name) {
		case "exp":
			c.Expires, err = numericDate("exp", value)
		case "iat":
			c.IssuedAt, err = numericDate("iat", value)
		case "nbf":
			c.notBefore, err = numericDate("nbf", value)
		case "jti":
			c.ID, err = p.text("jti", value)
		case "iss":
			c.Issuer, err = p.text("iss", value)
		case "sub":
			c.Subject, err = p.text("sub", value)
		case "checksum":
			c.Checksum, err = p.text("checksum", value)
			c.hasChecksum = true
		case "checksum_sha256":
			c.ChecksumSHA256, err = p.text("checksum_sha256", value)
			c.hasSHA256 = true
		default:
			err = plain(value)
		}
		return err
	})
	return c, err
}

// numericDate reads a NumericDate (RFC 7519, section 2): seconds since 1970,
// which may have a fraction. The fraction is dropped.
func numericDate(name string, value jsontext.Value) (time.Time, error) {
	if value.Kind() != '0' {
		return time.Time{}, fmt.Errorf("%w: %s: not a number", ErrMalformed, name)
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 1 || seconds > maxTime {
		return time.Time{}, fmt.Errorf("%w: %s: out of range", ErrMalformed, name)
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// checkTimes requires now to be before exp, and not before iat and nbf, where
// they are; each with the leeway.
func (c *Claims) checkTimes(now time.Time) error {
	switch {
	case c.Expires.IsZero():
		return ErrNoExpiry
	case !now.Before(c.Expires.Add(Leeway)):
		return ErrExpired
	case now.Before(c.IssuedAt.Add(-Leeway)):
		return ErrNotYetValid
	case now.Before(c.notBefore.Add(-Leeway)):
		return ErrNotYetValid
	}
	return nil
}

// checksums are the sums of a body, computed when a token that proved genuine
// asks for them, and then once.
type checksums struct {
	body    []byte
	sha256  [sha256.Size]byte
	haveSHA bool
}

// match compares the body with what the token says of it. The SHA-256 claim
// decides alone when it is there, right or wrong.
func (s *checksums) match(c Claims, allowSHA1 bool) error {
	if c.hasSHA256 {
		if !s.haveSHA {
			s.sha256, s.haveSHA = sha256.Sum256(s.body), true
		}
		return compareHex(c.ChecksumSHA256, s.sha256[:])
	}
	if c.hasChecksum && allowSHA1 {
		sum := sha1.Sum(s.body)
		return compareHex(c.Checksum, sum[:])
	}
	return ErrNoChecksum
}

func compareHex(claim string, sum []byte) error {
	var buffer [sha256.Size]byte
	if len(claim) != hex.EncodedLen(len(sum)) {
		return ErrChecksum
	}
	n, err := hex.Decode(buffer[:], []byte(claim))
	if err != nil || subtle.ConstantTimeCompare(buffer[:n], sum) != 1 {
		return ErrChecksum
	}
	return nil
}
