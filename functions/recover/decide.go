package recover

import (
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

const (
	// retention is how long DT keeps events (DT: Data Connector introduction; docs of
	// different age say 30 or 31 days).
	retention = 31 * 24 * time.Hour
	// queueTime is how long DT tries to deliver an event (DT: Data Connector
	// introduction).
	queueTime = 12 * time.Hour
	// queueMargin is how long before that an event is fetched.
	queueMargin = time.Hour
	// metricsTime is what :metrics tells of (DT: REST reference).
	metricsTime = 3 * time.Hour
)

// health is what the metrics say of a connector's requests in the last 3 hours.
type health int

const (
	// healthUnknown: there are no metrics.
	healthUnknown health = iota
	// healthGood: none has failed. An event that is not delivered would have been
	// tried again in that time, so all are.
	healthGood
	// healthFair: at most one of 20 has failed. An event that fails is tried many
	// times in 3 hours, so those from before are delivered.
	healthFair
	// healthFailing: more have.
	healthFailing
)

func judge(m dtapi.Metrics) health {
	switch {
	case m.ErrorCount == 0:
		return healthGood
	case m.ErrorCount*20 <= m.SuccessCount:
		return healthFair
	}
	return healthFailing
}

// decide says what is due for an active connector: to, unless zero, is the end of a
// gap to fetch; until is the new checkpoint when there is none.
//
// The checkpoint does not follow the clock blindly. A connector is disabled only
// after five days of failures, and what DT could not deliver within 12 hours is
// lost before that: while requests fail, the checkpoint stays, and what gets old is
// fetched.
func decide(s state, h health, now time.Time) (to, until time.Time) {
	if s.Until.IsZero() {
		// The first run. What is queued at a failing endpoint is still to come.
		if h == healthFailing {
			return time.Time{}, now.Add(-queueTime)
		}
		return time.Time{}, now
	}
	switch {
	case s.Seen.Disabled:
		// Somebody has enabled it since. Events from before were not queued.
		return now, time.Time{}
	case now.Sub(s.Seen.Time) > queueTime:
		// Nobody has looked for so long that it may have been disabled and enabled,
		// and that events may have been given up.
		return now, time.Time{}
	case h == healthGood:
		return time.Time{}, now
	case h == healthFair:
		return time.Time{}, now.Add(-metricsTime)
	case now.Sub(s.Until) >= queueTime:
		return now.Add(queueMargin - queueTime), time.Time{}
	}
	return time.Time{}, s.Until
}
