package awsapi

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// An Error is a refusal by AWS, found with [errors.As].
type Error struct {
	Service   string
	Operation string
	Status    int    // of the HTTP answer
	Code      string // AWS's, such as "ThrottlingException"; "" when none was given
	Message   string // AWS's, at most 300 bytes of it
	RequestID string // for AWS's support; may be ""
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %d", e.Service, e.Operation, e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Temporary reports whether the same request may pass later.
func (e *Error) Temporary() bool {
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests || temporaryCode(e.Code)
}

// Is lets errors.Is find an Error by its code: errors.Is(err, &Error{Code: "X"}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Code != ""
}

// Denied reports whether AWS refused whoever asked, not what was asked.
func (e *Error) Denied() bool {
	switch e.Code {
	case "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "UnrecognizedClientException",
		"InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken",
		"InvalidSignatureException", "IncompleteSignature", "KmsAccessDenied", "KMSAccessDenied", "KMSAccessDeniedException":
		return true
	}
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// temporaryCode reports whether a code is one of those for too many requests, or for
// a fault on AWS's side, whatever the status it comes with.
func temporaryCode(code string) bool {
	switch code {
	case "RequestTimeout", "RequestTimeoutException", "InternalFailure", "InternalError", "InternalException", "InternalServerError",
		"ServiceUnavailable", "ServiceUnavailableException", "SlowDown", "ProvisionedThroughputExceededException", "LimitExceededException",
		"RequestLimitExceeded", "TooManyRequestsException", "KMSThrottlingException", "KmsThrottled", "KMSThrottled", "BandwidthLimitExceeded",
		"PriorRequestNotComplete", "EC2ThrottledException":
		return true
	}
	return strings.Contains(code, "Throttl")
}

// Temporary reports whether a call that ended with err may pass later: all do but
// those that AWS refused for what they are.
func Temporary(err error) bool {
	var e *Error
	if errors.As(err, &e) {
		return e.Temporary()
	}
	return err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrNoCredentials)
}

// newError reads an error from an answer, in any of the forms that there are: JSON,
// and XML by the query protocol and by S3.
func newError(service, operation string, resp *http.Response, body []byte) *Error {
	e := &Error{Service: service, Operation: operation, Status: resp.StatusCode, RequestID: resp.Header.Get("X-Amzn-Requestid")}
	var inJSON struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	var inXML struct {
		Code      string `xml:"Error>Code"`
		Message   string `xml:"Error>Message"`
		RequestID string `xml:"RequestId"`
	}
	switch {
	case json.Unmarshal(body, &inJSON) == nil:
		e.Code, e.Message = inJSON.Type, inJSON.Message
		if e.Code == "" {
			e.Code = inJSON.Code
		}
	case xml.Unmarshal(body, &inXML) == nil:
		e.Code, e.Message = inXML.Code, inXML.Message
		if e.RequestID == "" {
			e.RequestID = inXML.RequestID
		}
	}
	if e.Code == "" {
		e.Code = resp.Header.Get("X-Amzn-Errortype")
	}
	// "com.amazonaws.sqs#QueueDoesNotExist", "ValidationException:http://…"
	e.Code = e.Code[strings.LastIndexByte(e.Code, '#')+1:]
	e.Code, _, _ = strings.Cut(e.Code, ":")
	e.Code, e.Message, e.RequestID = shown(e.Code, 100), shown(e.Message, 300), shown(e.RequestID, 100)
	return e
}

// shown returns at most limit bytes of text from outside, on one line.
func shown(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}

// Refused reports whether AWS refused a request for something that is in it, so that
// a part of it may pass on its own.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status < http.StatusInternalServerError && !e.Temporary() && !e.Denied() &&
		!strings.Contains(e.Code, "NotFound") && !strings.Contains(e.Code, "DoesNotExist") && !strings.Contains(e.Code, "NonExistent")
}

// EntryError returns the error of one entry of a batch. With senderFault it is not to
// be repeated, unless the code says so.
func EntryError(service, operation, code, message string, senderFault bool) *Error {
	e := &Error{Service: service, Operation: operation, Status: http.StatusInternalServerError, Code: shown(code, 100), Message: shown(message, 300)}
	if senderFault {
		e.Status = http.StatusBadRequest
	}
	return e
}
