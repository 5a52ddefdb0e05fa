// Package telemetry holds what the bundle tells of itself: structured logs, one
// line an event, and the counters that alarms are built on.
//
// Nothing here ever holds a body or a secret.
package telemetry

import (
	"context"
	"time"
)

// What can become of a request: the values of Receipt.Outcome. Alarms and
// dashboards refer to them, so they do not change.
const (
	// OutcomeAccepted: the sink has the event.
	OutcomeAccepted = "accepted"
	// OutcomeFiltered: authentic, not wanted.
	OutcomeFiltered = "filtered"
	// OutcomeDuplicate: authentic, and the sink had it already.
	OutcomeDuplicate = "duplicate"
	// OutcomeDeadLettered: authentic, not decodable, kept aside.
	OutcomeDeadLettered = "dead-lettered"
	// OutcomeUnauthorized: the signature did not pass.
	OutcomeUnauthorized = "unauthorized"
	// OutcomeTooLarge: the body is beyond the limit.
	OutcomeTooLarge = "too-large"
	// OutcomeUnsupported: the body is compressed.
	OutcomeUnsupported = "unsupported"
	// OutcomeUnreadable: the body did not come, not whole or not in time.
	OutcomeUnreadable = "unreadable"
	// OutcomeBadMethod: the method is not POST.
	OutcomeBadMethod = "bad-method"
	// OutcomeBadPath: nothing is served at the path.
	OutcomeBadPath = "bad-path"
	// OutcomeRetry: it could not be handled now; DT sends it again.
	OutcomeRetry = "retry"
	// OutcomeError: a fault of this program.
	OutcomeError = "error"
)

// A Receipt says what became of one request. What is not known is left at its
// zero value: before the signature has passed, nothing of the body is.
type Receipt struct {
	// Outcome is one of the Outcome constants.
	Outcome string
	// Reason is a short code that says why, out of a small fixed set, such as
	// "token-expired"; "" when the outcome says all. It must never be text that
	// came from outside.
	Reason string

	EventID   string
	EventType string
	DeviceID  string
	ProjectID string

	// Status is the HTTP status of the answer.
	Status int
	// Bytes is the length of the body.
	Bytes int
	// Latency is the time from the request to its answer.
	Latency time.Duration
	// PreviousSecret is true when only the previous secret fitted.
	PreviousSecret bool
	// Err is what failed on this side, such as a sink's error; nil otherwise. It
	// must hold no secret.
	Err error
}

// An Observer is told of every request that was answered. Implementations are
// safe for concurrent use and quick: the answer may wait for them.
type Observer interface {
	Received(ctx context.Context, r Receipt)
}

// Tee returns an Observer that tells each of observers, in their order. Nil ones
// are passed over.
func Tee(observers ...Observer) Observer {
	var t tee
	for _, o := range observers {
		if o != nil {
			t = append(t, o)
		}
	}
	return t
}

type tee []Observer

func (t tee) Received(ctx context.Context, r Receipt) {
	for _, o := range t {
		o.Received(ctx, r)
	}
}
