package doctor

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// checkWay sends one signed event and looks for it in every sink.
func (r *run) checkWay(ctx context.Context) {
	if why := r.noWay(); why != "" {
		r.skipWay(why)
		return
	}
	made, err := r.passing(r.Deployment.Settings)
	if err != nil {
		r.add(Result{Check: CheckEvent, Status: Fail, Found: clean(err.Error()), Remedy: "correct the setting: as it is, receive does not start or passes nothing on"})
		r.skipSinks("no event was sent")
		return
	}
	id, body, err := made.Body(r.dtNow(), r.Random)
	if err != nil {
		r.skipWay(err.Error())
		return
	}
	searches := r.prepare(ctx)
	defer r.closeAll(ctx, searches)
	if ctx.Err() != nil {
		return
	}
	there := r.addAbsent(searches)
	sent, ok := r.send(ctx, body)
	if ctx.Err() != nil {
		return
	}
	r.add(sent)
	if r.through = ok; !ok {
		for _, s := range there {
			r.add(skippedSink("the event was not accepted", s.shown))
		}
		return
	}
	r.search(ctx, there, id, body)
	if ctx.Err() != nil {
		return
	}
	for _, s := range there {
		r.add(r.arrived(s))
	}
	if len(searches) == 0 {
		r.add(skipped(CheckSink, "no sink is named", "name it by --sink, or give the outputs of Terraform"))
	}
}

// noWay says why no event is sent; "" when one is.
func (r *run) noWay() string {
	switch {
	case !r.reached:
		return unreached
	case r.open:
		return "the endpoint takes everything, so that it would take the event proves nothing"
	case r.secret.IsZero():
		return "there is no secret to sign it with"
	case r.accepted == no:
		return "the endpoint does not accept the secret"
	}
	return ""
}

func (r *run) skipWay(why string) {
	r.add(skipped(CheckEvent, why, ""))
	r.skipSinks(why)
}

func (r *run) skipSinks(why string) {
	for _, rawURL := range r.Deployment.Sinks {
		r.add(skippedSink(why, showSink(rawURL)))
	}
}

func skippedSink(why, shown string) Result {
	result := skipped(CheckSink, why, "")
	result.Subject = shown
	return result
}

// send posts the event and judges the answer.
func (r *run) send(ctx context.Context, body []byte) (Result, bool) {
	signer, err := signature.NewSigner([]byte(r.secret.Reveal()), signature.WithSignerClock(r.signNow), signature.WithSignerRandom(r.Random))
	if err != nil {
		return skipped(CheckEvent, err.Error(), ""), false
	}
	token, err := signer.Sign(body)
	if err != nil {
		return skipped(CheckEvent, err.Error(), ""), false
	}
	return r.judge(r.post(ctx, body, token))
}

// judge says what the answer to the signed event means, and whether the event should
// now be in the sinks.
func (r *run) judge(e exchange) (Result, bool) {
	result := Result{Check: CheckEvent, Status: Fail}
	if e.err != nil {
		result.Found, result.Remedy = transportFault(e.err, r.Now())
		return result, false
	}
	switch {
	case e.status == http.StatusOK && (e.answer.Outcome == "accepted" || e.answer.Outcome == "duplicate"):
		result.Status, result.Found = OK, fmt.Sprintf("a signed event is answered with 200 (%s) within %s", e.answer.Outcome, seconds(e.took))
		if (r.endpoint - r.dt).Abs() > clockFault {
			result.Found += ", since it was signed by the endpoint's clock"
		}
		return result, true
	case e.status == http.StatusOK && e.answer.Outcome == "filtered":
		result.Found = "a signed event that fits the settings is filtered (" + e.says() + ")"
		result.Remedy = "the function runs with other filter settings than the ones given here: apply again, or give them by --settings"
		return result, false
	case e.status == http.StatusOK && e.answer.Outcome == "dead-lettered":
		result.Found = "a signed event is dead-lettered (" + e.says() + ")"
		result.Remedy = "the function may be of another version than this dtfn, or its sink takes only short messages"
		return result, false
	case e.success():
		result.Found = fmt.Sprintf("a signed event is answered with %d, but not in receive's words", e.status)
		result.Remedy = "see that the URL leads to receive, and that nothing before it answers in its place"
		return result, false
	case e.status == http.StatusUnauthorized:
		result.Found, result.Remedy = r.unauthorized(e)
	case e.status == http.StatusServiceUnavailable && e.answer.Reason == "sink" && r.failed(CheckSink):
		result.Status, result.Found = Warn, "a signed event is answered with 503: receive cannot publish to a sink"
		result.Remedy = "remove the fault above; DT repeats events for 12 hours"
	case e.status == http.StatusServiceUnavailable && e.answer.Reason == "sink":
		result.Found = "a signed event is answered with 503: receive cannot publish to a sink"
		result.Remedy = "read the function's log: it names the sink and why (a missing permission, a wrong name); DT repeats events for 12 hours"
	case e.status == http.StatusServiceUnavailable:
		result.Found = "a signed event is answered with 503 (" + e.says() + ")"
		result.Remedy = "read the function's log; DT repeats events for 12 hours"
	default:
		result.Found = fmt.Sprintf("a signed event is answered with %d (%s)", e.status, e.says())
		result.Remedy = "read the function's log"
	}
	return result, false
}

// unauthorized says why a signed event is refused.
func (r *run) unauthorized(e exchange) (found, remedy string) {
	found = "a signed event is refused with 401 (" + e.says() + ")"
	switch e.answer.Reason {
	case reasonSecret:
		found += ": the endpoint has another secret"
		remedy = r.readAnew() + "; if it still has another one then, see where it reads it from"
	case reasonExpired, reasonEarly:
		found += ": a clock is wrong"
		remedy = "see the check clock: set the clock that is off by NTP"
	case "checksum-wrong":
		found += ": the body is changed on the way"
		remedy = "a proxy or gateway before the function changes the body: let it pass on the exact bytes"
	case "signature-missing":
		found += ": the header X-Dt-Signature is lost on the way, or the endpoint verifies DT's own signature only"
		remedy = "let what stands before the function pass the header on, and see that DT_SIGNATURE_SECRET is set there"
	default:
		remedy = "see what the function logs"
	}
	return found, remedy
}
