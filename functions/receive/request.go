package receive

import (
	"errors"
	"strings"
)

// A Request is what an adapter hands over. Header names may be in any case.
type Request struct {
	Method string
	Path   string
	Header map[string][]string
	// Body holds the exact bytes that the sender signed.
	Body []byte
	// BodyError says why Body is not that: one of this package's errors, or any
	// other for a body that ended too early.
	BodyError error
}

// Why an adapter has no body to hand over.
var (
	// ErrBodyTooLarge: the body is longer than MaxBody and was not read whole.
	ErrBodyTooLarge = errors.New("body too large")
	// ErrBodyTimeout: the body did not come in time.
	ErrBodyTimeout = errors.New("body did not come in time")
	// ErrBodyInexact: the platform does not hand over the bytes that were sent;
	// a wrapping error says which setting to change.
	ErrBodyInexact = errors.New("platform changes the body")
	// ErrContentType: the platform hands over bodies of this content type as text,
	// in which bytes may have been replaced.
	ErrContentType = errors.New("the platform changes bodies of this content type")
	// ErrOverloaded: too many requests are being handled.
	ErrOverloaded = errors.New("too many requests at a time")
)

// encoded tells whether the body comes under a Content-Encoding. DT sends none,
// and what it signs are the bytes before any: a body that was compressed on the
// way could be blown up to any size.
func encoded(header map[string][]string) bool {
	for name, values := range header {
		if !strings.EqualFold(name, "Content-Encoding") {
			continue
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "identity") {
				return true
			}
		}
	}
	return false
}
