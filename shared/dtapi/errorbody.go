package dtapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// statusError returns the error that an answer other than 2xx stands for.
func (r *request) statusError(response *http.Response, body []byte, conceal concealer) *Error {
	e := r.newError()
	e.Status = response.StatusCode
	e.RequestID = conceal.line(requestID(response.Header), maxID)
	e.readBody(response.Header.Get("Content-Type"), body, conceal)
	if e.Status == http.StatusForbidden {
		e.Role = r.role
	}
	e.remedy = r.remedy(e.Status)
	return e
}

// newError returns an error without what is wrong.
func (r *request) newError() *Error { return &Error{Method: r.method, Path: r.path} }

// remedy says what to do about an answer.
func (r *request) remedy(status int) string {
	switch {
	case status >= 300 && status < 400:
		return "the address leads elsewhere, and credentials are not sent there; set " + r.addressVariable + " to where DT's API is"
	case status == http.StatusUnauthorized:
		return r.credentialRemedy
	case status == http.StatusForbidden && r.role != "":
		return "the service account needs the role " + r.role + " or higher in " + r.scope + "; a new service account is a member of no project, not even of its own"
	case status == http.StatusNotFound:
		return "check the name, and that the service account is a member of the project"
	case status == http.StatusConflict:
		return "it exists already, or somebody else is changing it: look at it again and repeat"
	case status == http.StatusTooManyRequests:
		return "send less at a time: DT counts all who use the service account together"
	case status >= 500 && r.repeat == repeatUnsent:
		return inDoubtRemedy
	case status >= 500:
		return "the trouble is on DT's side: try again later"
	}
	return ""
}

// readBody takes out of an error body what it says. DT's is {"error": text, "code":
// integer, "help": url}, the code a string in older documentation. Streams put the
// code and the message into an object "error", the token endpoint has
// "error_description" (RFC 6749, section 5.2), and gateways on the way "message" or
// no JSON at all.
func (e *Error) readBody(contentType string, body []byte, conceal concealer) {
	var message, short string
	var member func(name string, value jsontext.Value) error
	member = func(name string, value jsontext.Value) error {
		switch fold(name) {
		case "error":
			if value.Kind() == '{' {
				return eachMember(value, member)
			}
			short, _ = text(value)
		case "message", "errordescription":
			message, _ = text(value)
		case "code":
			if e.Code, _ = text(value); value.Kind() == '0' {
				e.Code = string(value)
			}
		case "help":
			e.Help, _ = text(value)
		}
		return nil
	}
	if err := eachMember(body, member); err != nil {
		short, message = "", ""
		if text := conceal.line(string(body), maxMessage); text != "" {
			short = fmt.Sprintf("answered with %s instead of JSON: %s", mediaType(contentType), text)
		}
	}
	switch {
	case short == "":
		short = message
	case message != "":
		short += ": " + message
	}
	e.Message, e.Code, e.Help = conceal.line(short, maxMessage), conceal.line(e.Code, maxID), conceal.line(e.Help, maxMessage)
	if !strings.HasPrefix(e.Help, "https://") {
		e.Help = ""
	}
}

func mediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	if media = oneLine(media, maxID); media == "" {
		return "something"
	}
	return media
}

// requestID returns the id that the answer has. DT's documentation names no header
// for it: these are the usual ones, and that of Google Cloud, where DT's API runs.
func requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Cloud-Trace-Context"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}
