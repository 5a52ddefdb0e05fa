package dtcloud

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// checkHeaders refuses custom headers that could not be sent, or that would
// change what the cloud itself says in a request.
func checkHeaders(headers map[string]string) error {
	for name, value := range headers {
		if !isToken(name) {
			return fmt.Errorf("%w: httpConfig.headers: %q is not a header name: want letters, digits and hyphens", ErrInvalid, name)
		}
		switch http.CanonicalHeaderKey(name) {
		case http.CanonicalHeaderKey(signature.HeaderSymmetric), http.CanonicalHeaderKey(signature.HeaderAsymmetric),
			"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te", "Keep-Alive":
			return fmt.Errorf("%w: httpConfig.headers: %s is set by the cloud itself: choose another name", ErrInvalid, name)
		}
		if !isFieldValue(value) {
			return fmt.Errorf("%w: httpConfig.headers: the value of %s has control characters", ErrInvalid, name)
		}
	}
	return nil
}

// isToken tells whether name is a header name (RFC 9110, section 5.6.2).
func isToken(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	}) < 0
}

// isFieldValue tells whether value can stand in a header (RFC 9110, section 5.5).
func isFieldValue(value string) bool {
	return strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}
