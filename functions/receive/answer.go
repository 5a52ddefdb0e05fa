package receive

import (
	"encoding/json"
	"net/http"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// Outcome is what became of a request. The names are the telemetry package's, so
// that answers, logs and counters speak of the same things.
type Outcome string

const (
	// Accepted: the sink has the event.
	Accepted Outcome = telemetry.OutcomeAccepted
	// Filtered: authentic, not wanted. Acknowledged, so that DT does not send it
	// again.
	Filtered Outcome = telemetry.OutcomeFiltered
	// Duplicate: authentic, and the sink had it already.
	Duplicate Outcome = telemetry.OutcomeDuplicate
	// DeadLettered: authentic, but it could not be handled; its bytes are kept.
	DeadLettered Outcome = telemetry.OutcomeDeadLettered
	// Unauthorized: not from the configured connector, or not what was signed.
	Unauthorized Outcome = telemetry.OutcomeUnauthorized
	// TooLarge: longer than MaxBody.
	TooLarge Outcome = telemetry.OutcomeTooLarge
	// Unsupported: the body is compressed, or of a content type that the platform
	// changes.
	Unsupported Outcome = telemetry.OutcomeUnsupported
	// Unreadable: the body did not come, not whole or not in time.
	Unreadable Outcome = telemetry.OutcomeUnreadable
	// BadMethod: not a POST.
	BadMethod Outcome = telemetry.OutcomeBadMethod
	// BadPath: not a path that is served.
	BadPath Outcome = telemetry.OutcomeBadPath
	// Retry: the fault is on this side and may pass; DT sends the event again
	// for up to 12 hours.
	Retry Outcome = telemetry.OutcomeRetry
	// Failed: a defect on this side.
	Failed Outcome = telemetry.OutcomeError
)

// The reasons that this package gives; others come from the signature package's
// Code and the filter package's Reason.
const (
	ReasonMethod          = "method"
	ReasonPath            = "path"
	ReasonTooLarge        = "too-large"
	ReasonTimeout         = "timeout"
	ReasonIncomplete      = "incomplete"
	ReasonInexact         = "body-inexact"
	ReasonEncoded         = "content-encoding"
	ReasonContentType     = "content-type"
	ReasonOverloaded      = "overloaded"
	ReasonSyntax          = "syntax"
	ReasonEnvelope        = "envelope"
	ReasonSink            = "sink"
	ReasonTooLargeForSink = "too-large-for-sink"
	ReasonPanic           = "panic"
)

// An Answer is what the adapter sends back.
type Answer struct {
	Status int
	// Header holds the headers to send, by canonical names. Never nil.
	Header map[string]string
	// Body is a JSON object: outcome, and reason and eventId where there are any.
	Body    []byte
	Outcome Outcome
	// Reason is a short code, "" when the outcome says everything.
	Reason string
}

// retryAfter is how many seconds DT is asked to wait. Whether it heeds that is
// not documented.
const retryAfter = "5"

func (h *request) answer(o Outcome, reason string) Answer {
	a := Answer{Outcome: o, Reason: reason, Header: map[string]string{"Content-Type": "application/json"}}
	switch o {
	case Accepted, Filtered, Duplicate, DeadLettered:
		// Exactly 200: DT takes 2xx, but counts others as failures when it
		// decides whether to disable a connector.
		a.Status = http.StatusOK
	case Unauthorized:
		a.Status = http.StatusUnauthorized
	case TooLarge:
		a.Status = http.StatusRequestEntityTooLarge
	case Unsupported:
		a.Status = http.StatusUnsupportedMediaType
	case Unreadable:
		a.Status = http.StatusBadRequest
		if reason == ReasonTimeout {
			a.Status = http.StatusRequestTimeout
		}
	case BadMethod:
		a.Status = http.StatusMethodNotAllowed
		a.Header["Allow"] = http.MethodPost
	case BadPath:
		a.Status = http.StatusNotFound
	case Retry:
		a.Status = http.StatusServiceUnavailable
		a.Header["Retry-After"] = retryAfter
	default:
		a.Status = http.StatusInternalServerError
	}
	// An id is told only for an event that proved authentic.
	body, err := json.Marshal(struct {
		Outcome Outcome `json:"outcome"`
		Reason  string  `json:"reason,omitempty"`
		EventID string  `json:"eventId,omitempty"`
	}{o, reason, h.receipt.EventID})
	if err != nil {
		panic("receive: answer: " + err.Error()) // texts always encode
	}
	a.Body = body
	return a
}

// retry answers that the fault is on this side; err is logged, never sent.
func (h *request) retry(reason string, err error) Answer {
	h.receipt.Err = err
	return h.answer(Retry, reason)
}
