package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Status says how a check came out.
type Status string

const (
	// OK: it is as it should be.
	OK Status = "ok"
	// Warn: it may be a fault.
	Warn Status = "warn"
	// Skip: it was not looked at, because of what Found says.
	Skip Status = "skip"
	// Fail: it is a fault.
	Fail Status = "FAIL"
)

// The checks, by the names that results have.
const (
	CheckEndpoint            = "endpoint"
	CheckCertificate         = "certificate"
	CheckUnsigned            = "unsigned"
	CheckForged              = "forged"
	CheckSecret              = "secret"
	CheckClock               = "clock"
	CheckEvent               = "event"
	CheckSink                = "sink"
	CheckConnector           = "connector"
	CheckConnectorStatus     = "connector-status"
	CheckConnectorURL        = "connector-url"
	CheckConnectorSecret     = "connector-secret"
	CheckConnectorEvents     = "connector-events"
	CheckConnectorLabels     = "connector-labels"
	CheckConnectorHeaders    = "connector-headers"
	CheckConnectorDeliveries = "connector-deliveries"
	CheckSchedule            = "schedule"
)

// Checks returns the names of all checks, in the order in which they are made.
func Checks() []string {
	return []string{
		CheckEndpoint, CheckCertificate, CheckUnsigned, CheckForged, CheckSecret, CheckClock, CheckEvent, CheckSink,
		CheckConnector, CheckConnectorStatus, CheckConnectorURL, CheckConnectorSecret, CheckConnectorEvents, CheckConnectorLabels, CheckConnectorHeaders, CheckConnectorDeliveries, CheckSchedule,
	}
}

// A Result is what one check has found.
type Result struct {
	Check string `json:"check"`
	// Subject is what was looked at where there can be several: a sink, a connector, a
	// clock, a function. It shows no secret.
	Subject string `json:"subject,omitempty"`
	Status  Status `json:"status"`
	// Found is what was found, on one line.
	Found string `json:"found"`
	// Remedy says what to do about it; "" when there is nothing to do.
	Remedy string `json:"remedy,omitempty"`
}

// Failed tells whether any check failed.
func Failed(results []Result) bool { return count(results, Fail) > 0 }

// Clean tells whether every check was made and came out well.
func Clean(results []Result) bool { return count(results, OK) == len(results) }

func count(results []Result, status Status) (n int) {
	for _, r := range results {
		if r.Status == status {
			n++
		}
	}
	return n
}

// skipped is the result of a check that could not be made.
func skipped(check, why, remedy string) Result {
	return Result{Check: check, Status: Skip, Found: "not looked at: " + why, Remedy: remedy}
}

// A Pattern names a check, and with Subject one subject of it.
type Pattern struct{ Check, Subject string }

// ErrUnknownCheck means that a pattern names no check.
var ErrUnknownCheck = errors.New("no such check")

// ParsePattern reads CHECK or CHECK=SUBJECT.
func ParsePattern(text string) (Pattern, error) {
	check, subject, _ := strings.Cut(text, "=")
	if !slices.Contains(Checks(), check) {
		return Pattern{}, fmt.Errorf("%w: %q: want one of %s", ErrUnknownCheck, check, strings.Join(Checks(), ", "))
	}
	return Pattern{Check: check, Subject: subject}, nil
}

func (p Pattern) matches(r Result) bool {
	return p.Check == r.Check && (p.Subject == "" || p.Subject == r.Subject)
}
