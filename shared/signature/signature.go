// Package signature signs and verifies the requests of Disruptive Technologies
// (DT) Data Connectors.
//
// DT sends a compact JSON Web Token in a header of every request, and in the
// token a checksum of the body's exact bytes. There are two schemes:
// X-Dt-Signature (HS256, a secret shared with the connector) and
// DT-Asymmetric-Signature (ES256, DT's own keys, found by OIDC discovery).
package signature

// The headers that hold the tokens. Their case varies on the way.
const (
	HeaderSymmetric  = "X-Dt-Signature"
	HeaderAsymmetric = "DT-Asymmetric-Signature"
)

// DefaultIssuer is the issuer of DT's asymmetric tokens, and the address under
// which its OIDC discovery document lies.
const DefaultIssuer = "https://identity.disruptive-technologies.com/data-connector"
