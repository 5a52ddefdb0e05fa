package settings

import (
	"net"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// Verification says whose requests are accepted. At least one of Secret and
// Organization is set.
type Verification struct {
	// Secret is the one that the connector signs with (DT_SIGNATURE_SECRET);
	// zero when X-Dt-Signature is not verified.
	Secret secret.Text
	// PreviousSecret is accepted beside Secret (DT_SIGNATURE_SECRET_PREVIOUS). It
	// is never set without Secret.
	PreviousSecret secret.Text
	// Organization is the bare id of the DT organization (DT_ORGANIZATION_ID); ""
	// when DT-Asymmetric-Signature is not verified.
	Organization string
	// Issuer is the issuer of asymmetric signatures (DT_OIDC_ISSUER); never "".
	Issuer string
	// AllowSHA1 accepts tokens with a SHA-1 checksum alone (DT_ALLOW_SHA1).
	AllowSHA1 bool
}

func (l *loader) verification() Verification {
	v := Verification{
		Secret:         l.secret(signatureSecret),
		PreviousSecret: l.secret(signatureSecretPrevious),
		Organization:   l.organization(),
		Issuer:         l.issuer(),
		AllowSHA1:      l.boolean(allowSHA1),
	}
	current, previous := l.env[signatureSecret] != "", l.env[signatureSecretPrevious] != ""
	organization := l.text(organizationID) != ""
	switch {
	case previous && !current:
		l.fault(signatureSecretPrevious, "set without DT_SIGNATURE_SECRET; the secret in use belongs there")
	case !v.Secret.IsZero() && v.PreviousSecret.Reveal() == v.Secret.Reveal():
		l.warn(signatureSecretPrevious, "the same as DT_SIGNATURE_SECRET, so it has no effect")
		v.PreviousSecret = secret.Text{}
	}
	if !current && !organization {
		l.fault(signatureSecret, "not set, and neither is DT_ORGANIZATION_ID: no event could be verified, so none would be accepted")
	}
	if !current && v.AllowSHA1 {
		l.warn(allowSHA1, "has no effect without DT_SIGNATURE_SECRET")
	}
	if !organization && l.text(oidcIssuer) != "" {
		l.warn(oidcIssuer, "has no effect without DT_ORGANIZATION_ID")
	}
	return v
}

// organization returns the bare id. It must not come out empty from a value that
// is there: without it asymmetric signatures would go unverified.
func (l *loader) organization() string {
	text := l.text(organizationID)
	if text == "" {
		return ""
	}
	id := strings.TrimPrefix(text, "organizations/")
	if !isID(id) {
		l.fault(organizationID, quote(text)+" is not an organization's id")
		return ""
	}
	return id
}

// isID reports whether text can be an id. DT's are lower-case letters and digits;
// the set here is wider, and leaves out what comes with a wrong paste: white
// space, quotation marks, slashes, commas.
func isID(text string) bool {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return text != ""
}

func (l *loader) issuer() string {
	text := l.text(oidcIssuer)
	if text == "" {
		return signature.DefaultIssuer
	}
	// Whoever can change the keys on the way can forge every event.
	if fault := endpointFault(text); fault != "" {
		l.fault(oidcIssuer, quote(redactURL(text))+" "+fault)
		return ""
	}
	return text
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
