package doctor

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// status: does the connector forward anything?
func (r *run) status(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckConnectorStatus, Status: OK, Found: string(s.Status)}
	wanted := r.Deployment.Wanted
	switch {
	case s.Status == dtapi.StatusActive:
	case s.Status == dtapi.StatusUserDisabled && wanted != nil && wanted.Status != nil && *wanted.Status == string(s.Status):
		result.Status, result.Found = Warn, string(s.Status)+", as the settings want it: it forwards nothing"
		result.Remedy = "set the status ACTIVE in the settings and apply, when events are wanted"
	case s.Status == dtapi.StatusSystemDisabled:
		result.Status, result.Found = Fail, string(s.Status)+": DT has disabled it after days of failures, and forwards nothing"
		result.Remedy = "remove the faults above, then: dtfn connector enable " + string(s.name) + "; " + r.missed()
	default:
		result.Status, result.Found = Fail, clean(string(s.Status))+": it forwards nothing"
		result.Remedy = "dtfn connector enable " + string(s.name) + "; " + r.missed()
	}
	return result, true
}

// missed says what fetches the events that came while a connector was disabled.
func (r *run) missed() string {
	if r.Deployment.Schedules["recover"].Expression != "" {
		return "recover then fetches what was missed, at its next run"
	}
	return "then fetch what was missed: dtfn recover --since TIME"
}

// target: does it post to the endpoint?
func (r *run) target(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckConnectorURL, Status: OK, Found: "it posts to the endpoint"}
	switch {
	case s.HTTP == nil:
		result.Status, result.Found = Fail, "it is of type "+clean(s.Type)+", which posts nowhere"
		result.Remedy = "make a connector of type HTTP_PUSH: its type cannot be changed"
	case canonicalURL(s.HTTP.URL) == canonicalURL(r.Deployment.Endpoint):
	case !r.reached: // which of the two is wrong?
		result.Status, result.Found = Warn, "it posts to another URL, "+clean(dtapi.RedactURL(s.HTTP.URL))
		result.Remedy = "see first whether that one is the endpoint, and the one that was given here is wrong"
	default:
		result.Status, result.Found = Fail, "it posts to "+clean(dtapi.RedactURL(s.HTTP.URL))+", not to the endpoint"
		result.Remedy = "give it the endpoint's URL: in DT Studio, or by Terraform where the connector is made"
	}
	return result, true
}

// canonicalURL writes two URLs that mean the same alike.
func canonicalURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if host, port, err := net.SplitHostPort(u.Host); err == nil && (u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80") {
		u.Host = host
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// signing: does it sign with a secret that the endpoint accepts?
func (r *run) signing(ctx context.Context, s *connectorState) (Result, bool) {
	if s.HTTP == nil {
		return Result{}, false
	}
	result := Result{Check: CheckConnectorSecret, Status: OK, Found: "it signs with the endpoint's secret"}
	rotate := rotateSecret(string(s.name)) + " (or run configure)"
	theirs := s.HTTP.SignatureSecret
	switch {
	case theirs.IsZero() && r.Deployment.Settings["DT_ORGANIZATION_ID"] != "":
		result.Found = "it has none; DT's own signature is verified"
		return result, true
	case theirs.IsZero():
		result.Status, result.Found, result.Remedy = Fail, "it has no signature secret, so all that it sends is refused", rotate
		return result, true
	case r.secret.IsZero():
		return skipped(CheckConnectorSecret, "the endpoint's secret is not known", ""), true
	case equal(theirs.Reveal(), r.secret.Reveal()):
		switch {
		case r.accepted == no:
			return skipped(CheckConnectorSecret, "the endpoint does not accept the same secret: see the check secret", ""), true
		case r.accepted == unknown:
			result.Found = "it signs with the secret that was found; the endpoint could not be asked"
		}
		return result, true
	}
	if r.accepted == no {
		return skipped(CheckConnectorSecret, "the endpoint accepts neither secret: see the check secret", ""), true
	}
	switch r.accepts(ctx, theirs) {
	case yes:
		result.Status, result.Found = Warn, "it signs with another secret, which the endpoint still accepts"
		result.Remedy = "finish the change of the secret: " + rotate
	case no:
		result.Status, result.Found, result.Remedy = Fail, "it signs with another secret than the endpoint's: all that it sends is refused", rotate
	default:
		result.Status, result.Found = Warn, "it signs with another secret than the one that was found, and the endpoint could not be asked"
		result.Remedy = "if what was found is the endpoint's: " + rotate
	}
	return result, true
}

// deliveries: what became of the last hours' events?
func (r *run) deliveries(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckConnectorDeliveries, Status: OK}
	m := s.metrics
	switch {
	case s.metricsErr != nil:
		result.Status, result.Found, result.Remedy = Warn, "not looked at: "+clean(s.metricsErr.Error()), apiRemedy(s.metricsErr)
	case m.ErrorCount > 0 && m.SuccessCount == 0 && r.explained():
		result.Status, result.Found = Warn, fmt.Sprintf("none of %d deliveries in the last 3 hours succeeded", m.ErrorCount)
		result.Remedy = "remove the faults above; DT repeats what failed for 12 hours"
	case m.ErrorCount > 0 && m.SuccessCount == 0:
		result.Status, result.Found = Fail, fmt.Sprintf("none of %d deliveries in the last 3 hours succeeded", m.ErrorCount)
		if r.through {
			result.Found += ", though events from here are accepted"
		}
		result.Remedy = "if a fault was removed just now, wait until DT tries again; otherwise see what lets this machine in and DT not: a firewall, or a certificate that only this machine trusts"
	case m.ErrorCount > 0:
		result.Status, result.Found = Warn, fmt.Sprintf("%d of %d deliveries in the last 3 hours failed", m.ErrorCount, m.ErrorCount+m.SuccessCount)
		result.Remedy = "read the function's log for the times before now; what failed is repeated for 12 hours"
	case m.SuccessCount == 0:
		result.Found = "no delivery in the last 3 hours, and no error"
	case m.Latency99p > slowAnswer:
		result.Status, result.Found = Warn, fmt.Sprintf("%d deliveries in the last 3 hours, no error, but answers take up to %.1f s (99 %%); DT waits %.0f s", m.SuccessCount, m.Latency99p.Seconds(), answerTime.Seconds())
		result.Remedy = "give the function more memory, keep an instance warm, or see how slow the sink is"
	default:
		result.Found = fmt.Sprintf("%d deliveries in the last 3 hours, no error", m.SuccessCount)
	}
	return result, true
}

// explained tells whether a fault was found that keeps deliveries from succeeding.
func (r *run) explained() bool {
	return r.failed(CheckEndpoint, CheckSecret, CheckClock, CheckEvent, CheckConnectorStatus, CheckConnectorURL, CheckConnectorSecret) || !r.through && r.failed(CheckSink)
}
