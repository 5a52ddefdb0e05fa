package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

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

// closeAll removes what prepare has made, also after an interrupt.
func (r *run) closeAll(ctx context.Context, searches []search) {
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
			r.add(Result{Check: CheckSink, Subject: searches[i].shown, Status: Warn, Found: "what was made to look into it could not be removed: " + clean(err.Error()), Remedy: "remove it by hand; its name begins with " + find.Prefix})
		}
	}
}

// addAbsent names the sinks that are not there, before an event is sent that they cannot
// get, and returns the others.
func (r *run) addAbsent(searches []search) (there []*search) {
	for i := range searches {
		if s := &searches[i]; errors.Is(s.err, find.ErrAbsent) {
			r.add(r.arrived(s))
		} else {
			there = append(there, s)
		}
	}
	return there
}

// search looks for the event in all sinks at once.
func (r *run) search(ctx context.Context, searches []*search, id string, body []byte) {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, r.Wait)
	defer cancel()
	var wait sync.WaitGroup
	for _, s := range searches {
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
	case errors.Is(s.err, find.ErrAbsent):
		result.Status, result.Found = Fail, clean(s.err.Error())
		result.Remedy = "make it (terraform apply, if it is the module's own), or correct its URL, in the function's DT_SINK and in what was given here"
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
		result.Remedy = "see to that, and run dtfn doctor again; or look for an event of the device " + Device + " there"
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
