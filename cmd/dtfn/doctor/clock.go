package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// How far two clocks may differ: clockDoubt is worth a warning, and beyond the
// verifier's leeway tokens are refused.
const (
	clockDoubt = 30 * time.Second
	clockFault = signature.Leeway
)

// checkClocks compares three clocks: this machine's, the endpoint's and DT's. That the
// endpoint's and DT's agree is what matters.
func (r *run) checkClocks(ctx context.Context) {
	const ntp = "set this machine's clock by NTP; the deployment does not depend on it, but what is signed here does"
	r.endpoint = r.dt
	ahead, known := r.endpointClock(ctx)
	if ctx.Err() != nil {
		return
	}
	if known {
		r.endpoint = ahead
	}
	switch {
	case r.dtKnown && known:
		r.add(judgeClock("endpoint", ahead-r.dt, "DT's clock", endpointRemedy))
		r.add(judgeClock("this machine", -r.dt, "DT's clock", ntp))
	case r.dtKnown:
		why := "the endpoint tells no time"
		if !r.reached {
			why = unreached
		}
		r.add(Result{Check: CheckClock, Subject: "endpoint", Status: Skip, Found: "not looked at: " + why})
		r.add(judgeClock("this machine", -r.dt, "DT's clock", ntp))
	case known:
		r.add(judgeClock("endpoint", ahead, "this machine's clock", "one of the two is wrong, and DT's API could not be asked for the time: set both by NTP. "+clockLimits))
	default:
		r.add(skipped(CheckClock, "neither the endpoint nor DT's API tells the time", ""))
	}
}

// clockLimits says from when on it matters.
const clockLimits = "An endpoint that is more than 60 s behind DT, or more than an hour ahead, refuses all that DT sends"

const endpointRemedy = "set the clock of the endpoint's host by NTP. " + clockLimits

// endpointClock is how far the endpoint's clock is ahead of this machine's: the
// function's own where a secret lets it be asked, or else that of whoever writes the
// header Date, the front door on most platforms.
func (r *run) endpointClock(ctx context.Context) (time.Duration, bool) {
	if r.accepted == yes {
		if ahead, ok := r.functionClock(ctx, r.dt); ok {
			return ahead, true
		}
	}
	return r.endpointDate()
}

// judgeClock says how far a clock is ahead of another.
func judgeClock(subject string, ahead time.Duration, other, remedy string) Result {
	result := Result{Check: CheckClock, Subject: subject, Status: OK, Found: "agrees with " + other}
	switch {
	case ahead.Abs() > clockFault:
		result.Status = Fail
	case ahead.Abs() > clockDoubt:
		result.Status = Warn
	default:
		return result
	}
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	result.Found, result.Remedy = fmt.Sprintf("%s %s %s", span(ahead.Abs()), direction, other), remedy
	return result
}

// span writes how far clocks differ. The header Date has whole seconds.
func span(d time.Duration) string {
	switch {
	case d >= 72*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= 3*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	case d >= 2*time.Minute:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// endpointDate is how far the endpoint's clock is ahead by the header Date of its
// fastest answer.
func (r *run) endpointDate() (time.Duration, bool) {
	var best *exchange
	for i := range r.probes {
		if e := &r.probes[i]; e.dated && (best == nil || e.took < best.took) {
			best = e
		}
	}
	if best == nil {
		return 0, false
	}
	return best.ahead, true
}

// askTime finds how far the clock of DT's API is ahead. Nothing is asked of it that
// takes a login: refusals have a date as well.
func (r *run) askTime(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTime/2)
	defer cancel()
	address := r.Env["DT_API_URL"]
	if address == "" {
		address = dtapi.DefaultURL
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return
	}
	if e := r.exchange(request); e.err == nil && e.dated {
		r.dt, r.dtKnown = e.ahead, true
		if r.dt.Abs() < dateExact {
			r.dt = 0 // the header has whole seconds only
		}
	}
	r.endpoint = r.dt
}

// dateExact is how exact a header Date is taken to be, with the way it has gone.
const dateExact = 2 * time.Second
