package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const (
	// prepareTime is how long it may take to get ready to look into a sink, and
	// cleanTime to remove what was made for that.
	prepareTime = 30 * time.Second
	cleanTime   = 30 * time.Second
)

// A search is for the event in one sink.
type search struct {
	shown  string // the sink's URL without secrets
	finder find.Finder
	err    error // why it cannot be searched, or has not been found
	took   time.Duration
}

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
	id, body, err := made.body(r.dtNow(), r.Random)
	if err != nil {
		r.skipWay(err.Error())
		return
	}
	searches := r.prepare(ctx)
	defer r.clean(ctx, searches)
	if ctx.Err() != nil {
		return
	}
	sent, ok := r.send(ctx, body)
	if ctx.Err() != nil {
		return
	}
	r.add(sent)
	if !ok {
		r.skipSinks("the event was not accepted")
		return
	}
	r.search(ctx, searches, id, body)
	if ctx.Err() != nil {
		return
	}
	for i := range searches {
		r.add(r.arrived(&searches[i]))
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
		result := skipped(CheckSink, why, "")
		result.Subject = showSink(rawURL)
		r.add(result)
	}
}

// prepare gets ready to look into each sink.
func (r *run) prepare(ctx context.Context) []search {
	all := make([]search, len(r.Deployment.Sinks))
	var wait sync.WaitGroup
	for i, rawURL := range r.Deployment.Sinks {
		wait.Go(func() {
			s := &all[i]
			s.shown = showSink(rawURL)
			if s.finder, s.err = r.Finders.Open(r.withLogin(rawURL)); s.err != nil {
				s.finder = nil
				return
			}
			// An interrupt waits for it: what was half made could not be removed.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), prepareTime)
			defer cancel()
			s.err = s.finder.Prepare(ctx)
		})
	}
	wait.Wait()
	return all
}

// withLogin returns the sink's URL with user and password: outputs of Terraform have no
// secrets, but DT_SINK may name the same sink whole.
func (r *run) withLogin(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.User != nil {
		return rawURL
	}
	for _, whole := range list(r.Env["DT_SINK"]) {
		if v, err := url.Parse(whole); err == nil && v.User != nil && showSink(whole) == showSink(rawURL) {
			return whole
		}
	}
	return rawURL
}

// clean removes what prepare has made, also after an interrupt.
func (r *run) clean(ctx context.Context, searches []search) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	errs := make([]error, len(searches))
	var wait sync.WaitGroup
	for i, s := range searches {
		if s.finder != nil {
			wait.Go(func() { errs[i] = s.finder.Close(ctx) })
		}
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			r.add(Result{Check: CheckSink, Subject: searches[i].shown, Status: Warn, Found: "what was made to look into it could not be removed: " + clean(err.Error()), Remedy: "remove it by hand; its name begins with dtfn-doctor"})
		}
	}
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
		remedy = "let the function read its secret anew (restart it, or apply again), and see that it reads the one that was taken here"
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

// search looks for the event in all sinks at once.
func (r *run) search(ctx context.Context, searches []search, id string, body []byte) {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, r.Wait)
	defer cancel()
	var wait sync.WaitGroup
	for i := range searches {
		s := &searches[i]
		if s.err != nil {
			continue
		}
		wait.Go(func() {
			s.err = r.find(deadline, s.finder, id, body)
			s.took = time.Since(start)
		})
	}
	wait.Wait()
}

// find looks for the event, and sends it once more where the finder may have missed it
// because it was not ready in fact.
func (r *run) find(ctx context.Context, finder find.Finder, id string, body []byte) error {
	late, ok := finder.(find.Late)
	if !ok || !late.Late() {
		return finder.Find(ctx, id)
	}
	first, cancel := context.WithTimeout(ctx, r.Wait/3)
	err := finder.Find(first, id)
	cancel()
	if !errors.Is(err, find.ErrNotFound) || ctx.Err() != nil {
		return err
	}
	// The same id: consumers take it for a redelivery.
	if _, sent := r.send(ctx, body); !sent {
		return err
	}
	return finder.Find(ctx, id)
}

// arrived says what a search has found.
func (r *run) arrived(s *search) Result {
	result := Result{Check: CheckSink, Subject: s.shown}
	switch {
	case s.err == nil:
		result.Status, result.Found = OK, "the event is there, within "+seconds(s.took)
	case errors.Is(s.err, find.ErrBlind):
		result.Status, result.Found = Warn, "accepted, not seen: "+clean(s.err.Error())
		result.Remedy = "look for an event of the device " + Device + " there"
	case errors.Is(s.err, find.ErrTaken):
		result.Status, result.Found = Fail, "the event was accepted, but not seen there within "+waitTime(r.Wait)+"; or a consumer was faster"
		result.Remedy = "without consumers: the function publishes to another sink, see DT_SINK there, and apply again. With consumers: see that they have had an event of the device " + Device + ", and say so by --ignore sink=" + s.shown
	case errors.Is(s.err, find.ErrNotFound):
		result.Status, result.Found = Fail, "the event was accepted, but is not there after "+waitTime(r.Wait)
		result.Remedy = "the function publishes to another sink: see DT_SINK there, and apply again"
	default:
		result.Status, result.Found = Warn, "accepted, not seen: "+clean(s.err.Error())
		result.Remedy = "log in to the platform as somebody who may read the sink, and run dtfn doctor again; or look for an event of the device " + Device + " there"
	}
	return result
}

// waitTime writes a time of waiting.
func waitTime(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

// showSink returns a sink's URL without user, password, query and fragment.
func showSink(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "a sink whose URL cannot be parsed"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.Opaque != "" {
		return u.Scheme + ":…"
	}
	return clean(shown.String())
}
