package dtapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What a call can fail with, to be found with errors.Is.
var (
	// ErrInvalid: DT, or this package before it asked DT, refuses an argument.
	ErrInvalid = errors.New("invalid argument")
	// ErrUnauthenticated: DT does not accept the service account's key.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrForbidden: the service account's role is too low; Error.Role says which
	// role it needs.
	ErrForbidden = errors.New("permission denied")
	// ErrNotFound: there is no such connector, device or project, or the service
	// account cannot see it.
	ErrNotFound = errors.New("not found")
	// ErrConflict: it exists already, or somebody else changed it at the same time.
	ErrConflict = errors.New("conflict")
	// ErrRateLimited: too many requests, even after waiting as DT asked.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: DT failed or could not be reached, as often as it was tried.
	ErrUnavailable = errors.New("unavailable")
	// ErrMalformed: an answer of DT could not be understood.
	ErrMalformed = errors.New("answer not understood")
)

// The roles of DT's page "Permissions" that calls need, by their names there.
const (
	RoleUser      = "project.user"
	RoleDeveloper = "project.developer"
)

// An Error is a request that failed. Its texts are safe to show and to log: they
// are cut to a few hundred characters, have no control characters, and what the
// request held in secrets is replaced wherever DT repeats it.
type Error struct {
	// Status is the HTTP status; 0 when no answer came.
	Status int
	// Code is the code in the answer's body, "" when there is none.
	Code string
	// Message says what is wrong: DT's words, or this package's when none came.
	Message string
	// Help is the address of DT's page about the error, "" when there is none.
	Help string
	// RequestID is what DT's support asks for, "" when none came.
	RequestID string
	// Method and Path are those of the request, Path as in Call.
	Method, Path string
	// Role is the role that the call needs at least, "" where it is not known.
	Role string

	remedy     string        // what to do about it
	kind       error         // the sentinel that it is, instead of that of Status
	cause      error         // of a request without an answer
	repeatable bool          // trying again may help and does no harm
	retryAfter time.Duration // what DT asked for; 0 when it did not
}

// Error says on one line what failed, why, and what to do about it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("dtapi: " + e.Method + " " + e.Path + ": ")
	if e.Status != 0 {
		b.WriteString(strconv.Itoa(e.Status))
		if name := http.StatusText(e.Status); name != "" {
			b.WriteString(" " + name)
		}
		if e.Message != "" {
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Message)
	for _, part := range []struct{ before, text string }{
		{"; ", e.remedy}, {"; see ", e.Help}, {" (request ", e.RequestID},
	} {
		if part.text != "" {
			b.WriteString(part.before + part.text)
		}
	}
	if e.RequestID != "" {
		b.WriteByte(')')
	}
	return b.String()
}

// Is reports whether e is what target, one of the errors of this package, stands
// for.
func (e *Error) Is(target error) bool {
	if e.kind != nil {
		return target == e.kind
	}
	return target != nil && target == ofStatus(e.Status)
}

// Unwrap returns why no answer came; nil when one did.
func (e *Error) Unwrap() error { return e.cause }

// ofStatus returns the error that a status stands for (page "Error Codes"); nil for
// those that stand for none.
func ofStatus(status int) error {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case status == http.StatusUnauthorized:
		return ErrUnauthenticated
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		return ErrConflict
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 500:
		return ErrUnavailable
	}
	return nil
}
