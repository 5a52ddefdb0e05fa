package signature

import "errors"

// What Verify and the constructors refuse, each to be found with errors.Is. The
// text of each is safe to show a caller: it says what is wrong with the request,
// never anything about a key.
var (
	// ErrNoKey: neither a secret nor an organization is configured, so nothing
	// could ever be verified.
	ErrNoKey = errors.New("no secret and no organization configured")
	// ErrMissing: no header of a configured scheme is there.
	ErrMissing = errors.New("signature header missing")
	// ErrRepeated: a signature header is there more than once.
	ErrRepeated = errors.New("signature header repeated")
	// ErrTokenTooLong: the token is longer than MaxTokenLength.
	ErrTokenTooLong = errors.New("token too long")
	// ErrMalformed: the token is not a compact JSON Web Token of DT's shape.
	ErrMalformed = errors.New("token malformed")
	// ErrAlgorithm: the token names another algorithm than its scheme's.
	ErrAlgorithm = errors.New("token algorithm not allowed")
	// ErrUnknownKey: the token names a key that the issuer does not have.
	ErrUnknownKey = errors.New("token key unknown")
	// ErrSignature: the signature was not made with the expected key.
	ErrSignature = errors.New("token signature wrong")
	// ErrNoExpiry: the token has no exp claim.
	ErrNoExpiry = errors.New("token has no expiry")
	// ErrExpired: the token's exp is past, by more than the leeway.
	ErrExpired = errors.New("token expired")
	// ErrNotYetValid: the token's iat or nbf is ahead, by more than the leeway.
	ErrNotYetValid = errors.New("token not yet valid")
	// ErrIssuer: the token has another issuer than the configured one.
	ErrIssuer = errors.New("token issuer wrong")
	// ErrOrganization: the token was made for another organization.
	ErrOrganization = errors.New("token organization wrong")
	// ErrNoChecksum: the token has no checksum that may be used, so it says
	// nothing of the body.
	ErrNoChecksum = errors.New("token has no usable checksum")
	// ErrChecksum: the body is not the one that was signed.
	ErrChecksum = errors.New("body does not match the token's checksum")
	// ErrKeysUnavailable: the issuer's keys are needed and cannot be had now.
	// It says nothing of the request: the same one may pass later.
	ErrKeysUnavailable = errors.New("signing keys unavailable")
)
