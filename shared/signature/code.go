package signature

import "errors"

// Code returns the short, stable code of an error of this package, for logs,
// counters and programs; "" for nil and "invalid" for an error of none of its
// kinds.
func Code(err error) string {
	if err == nil {
		return ""
	}
	for _, known := range []struct {
		err  error
		code string
	}{
		{ErrNoKey, "no-key"},
		{ErrMissing, "signature-missing"},
		{ErrRepeated, "signature-repeated"},
		{ErrTokenTooLong, "token-too-long"},
		{ErrMalformed, "token-malformed"},
		{ErrAlgorithm, "algorithm-not-allowed"},
		{ErrUnknownKey, "key-unknown"},
		{ErrSignature, "signature-wrong"},
		{ErrNoExpiry, "expiry-missing"},
		{ErrExpired, "token-expired"},
		{ErrNotYetValid, "token-not-yet-valid"},
		{ErrIssuer, "issuer-wrong"},
		{ErrOrganization, "organization-wrong"},
		{ErrNoChecksum, "checksum-missing"},
		{ErrChecksum, "checksum-wrong"},
		{ErrKeysUnavailable, "keys-unavailable"},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return "invalid"
}
