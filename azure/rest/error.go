package rest

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// detailShown is how many bytes of a service's explanation an Error has.
const detailShown = 300

// An Error is an answer with a status of 300 or above.
type Error struct {
	Status int
	// Code is the service's name for the fault, such as "QueueNotFound"; "" if it
	// gives none.
	Code string
	// Detail is the beginning of the service's explanation, on one line. The
	// services repeat no credential there.
	Detail string
	// RetryAfter is how long the service asks to wait; 0 if it does not say.
	RetryAfter time.Duration
}

// Error returns status, code and explanation.
func (e *Error) Error() string {
	text := "answered " + strconv.Itoa(e.Status)
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

// newError makes an Error of an answer. Storage names the fault in the header
// x-ms-error-code and in XML (<Error><Code>, <Message>); Service Bus only in XML, with
// the status as <Code> and a <Detail>.
func newError(answer *http.Response, body []byte) *Error {
	e := &Error{
		Status: answer.StatusCode,
		Code:   oneLine(answer.Header.Get("x-ms-error-code"), 80),
		Detail: oneLine(element(body, "Message", "Detail"), detailShown),
	}
	if e.Code == "" {
		if code := element(body, "Code"); code != strconv.Itoa(e.Status) {
			e.Code = oneLine(code, 80)
		}
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 && seconds <= 3600 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

// anyElement matches an XML element without others in it. The whole grammar is not
// needed for a text that is only shown.
var anyElement = regexp.MustCompile(`<(Message|Detail|Code)>([^<]*)</`)

// element returns the text of the first element that has one of names.
func element(body []byte, names ...string) string {
	for _, match := range anyElement.FindAllSubmatch(body[:min(len(body), 16<<10)], 8) {
		for _, name := range names {
			if string(match[1]) == name {
				return string(match[2])
			}
		}
	}
	return ""
}

// oneLine returns at most limit bytes of text, without what would break a line.
func oneLine(text string, limit int) string {
	text = strings.ToValidUTF8(text[:min(len(text), limit)], "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}
