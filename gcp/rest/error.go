package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// detailShown is how many bytes of a service's explanation an Error has.
	detailShown = 300
	codeShown   = 80
	// longestRetryAfter is the longest wait that a service is believed.
	longestRetryAfter = time.Hour
)

// An Error is an answer with a status of 300 or above.
type Error struct {
	Host   string
	Status int
	// Code is the service's name for the fault, such as "PERMISSION_DENIED", or
	// "notFound" of Cloud Storage; "" if it gives none.
	Code string
	// Detail is the beginning of the service's explanation, on one line.
	Detail string
	// RetryAfter is how long the service asks to wait; 0 if it does not say.
	RetryAfter time.Duration
}

// Error returns host, status, code and explanation.
func (e *Error) Error() string {
	text := e.Host + " answered " + strconv.Itoa(e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Detail != "" {
		text += fmt.Sprintf(": %q", e.Detail)
	}
	if e.Status < 400 {
		text += "; redirects are not followed"
	}
	return text
}

// newError makes an Error of an answer ("Errors" of the API design guide, and of Cloud
// Storage's JSON API, whose downloads explain in plain text). No service repeats the
// token, but something between may.
func newError(answer *http.Response, body []byte, token secret.Text) *Error {
	e := &Error{Host: answer.Request.URL.Host, Status: answer.StatusCode}
	var object struct {
		Error struct {
			Status  string `json:"status"`
			Message string `json:"message"`
			Errors  []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
		} `json:"error"`
	}
	code, detail := "", ""
	switch {
	case json.Unmarshal(body, &object) == nil:
		code, detail = object.Error.Status, object.Error.Message
		if code == "" && len(object.Error.Errors) > 0 {
			code = object.Error.Errors[0].Reason
		}
	case strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain"):
		detail = string(body)
	}
	e.Code, e.Detail = shown(code, codeShown, token), shown(detail, detailShown, token)
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(min(seconds, int(longestRetryAfter/time.Second))) * time.Second
	}
	return e
}

// shown returns at most limit bytes of text, on one line and without the token.
func shown(text string, limit int, token secret.Text) string {
	if !token.IsZero() {
		text = strings.ReplaceAll(text, token.Reveal(), secret.Redacted)
	}
	text = strings.ToValidUTF8(text[:min(len(text), limit)], "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}
