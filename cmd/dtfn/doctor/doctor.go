// Package doctor looks at a deployment from outside and says what is wrong with it: the
// endpoint, its signatures, its clock, the way of an event into the sinks, the
// connectors and the schedules. Each fault comes with its remedy, and what follows from
// a fault is not called one: the first failure is where to begin.
//
// It changes nothing but that it sends one synthetic event (see [Device]) and, where a
// sink can be looked into by a subscription alone, makes one for that time. What it
// finds shows no secret.
package doctor

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// DefaultWait is how long an event is looked for in the sinks.
const DefaultWait = 30 * time.Second

// Config is what a run works with. Deployment is required.
type Config struct {
	Deployment Deployment
	// Env may have DT_SIGNATURE_SECRET, DT_SERVICE_ACCOUNT_*, DT_API_URL and
	// DT_TOKEN_URL, which go before what Deployment says, and DT_SINK with the logins
	// that the sinks of Deployment are without.
	Env settings.Environment
	// ReadSecret reads what a reference names. nil means that none can be read.
	ReadSecret func(ctx context.Context, reference string) (secret.Text, error)
	// Finders look into sinks.
	Finders find.Drivers
	// Client calls the endpoint and DT; nil means one of its own. Its redirect policy
	// is not used.
	Client *http.Client
	// Now is this machine's clock; nil means time.Now.
	Now func() time.Time
	// Random is for ids and for the wrong secret; nil means crypto/rand. It is read by
	// several goroutines at once.
	Random io.Reader
	// Wait is how long the event is looked for in the sinks; 0 means DefaultWait.
	Wait time.Duration
	// Ignore are faults that are known: they are shown as warnings.
	Ignore []Pattern
	// Seen, unless nil, is called with each result as soon as there is one.
	Seen func(Result)
}

// A run is one look at a deployment.
type run struct {
	Config
	http    *http.Client
	results []Result

	reached bool // the endpoint answers as receive may
	open    bool // it takes what is not signed, or wrongly
	probes  []exchange

	dt       time.Duration // how far DT's clock is ahead of this machine's
	dtKnown  bool
	endpoint time.Duration // how far the endpoint's is

	states []connectorState
	apiWhy string // why DT's API could not be asked

	secret   secret.Text // to sign the event with
	source   secretSource
	accepted acceptance // whether the endpoint accepts it
	behind   acceptance // whether its clock was seen to be behind, by the same request

	through bool // a signed event was accepted
}

// Run makes all checks and returns what they found, in a fixed order: a fault before
// what can follow from it. The error is that of ctx alone; what was found until then
// comes with it.
func Run(ctx context.Context, c Config) ([]Result, error) {
	r := &run{Config: c}
	r.setDefaults()
	defer r.http.CloseIdleConnections()
	for _, check := range []func(context.Context){
		r.checkEndpoint, r.checkForged, r.askTime, r.askDT, r.checkSecret, r.checkClocks, r.checkWay, r.checkConnectors, r.checkSchedules,
	} {
		check(ctx)
		if err := ctx.Err(); err != nil {
			return r.results, err
		}
	}
	return r.results, nil
}

func (r *run) setDefaults() {
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Random == nil {
		r.Random = rand.Reader
	}
	if r.Wait == 0 {
		r.Wait = DefaultWait
	}
	var own http.Client
	if r.Client != nil {
		own = *r.Client
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		own.Transport = t.Clone()
	}
	// A Data Connector's events would be lost behind a redirect.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r.http = &own
}

// add keeps a result.
func (r *run) add(result Result) {
	if result.Status == Fail && slices.ContainsFunc(r.Ignore, func(p Pattern) bool { return p.matches(result) }) {
		result.Status, result.Found = Warn, result.Found+" (known, and ignored)"
	}
	r.results = append(r.results, result)
	if r.Seen != nil {
		r.Seen(result)
	}
}

// failed tells whether one of these checks has failed, of any subject.
func (r *run) failed(checks ...string) bool {
	return slices.ContainsFunc(r.results, func(result Result) bool {
		return result.Status == Fail && slices.Contains(checks, result.Check)
	})
}

// dtNow is the time by DT's clock, as far as that is known.
func (r *run) dtNow() time.Time { return r.Now().Add(r.dt) }

// signNow is the time by the endpoint's clock, as far as that is known: what is signed
// by it is accepted even where a clock is wrong, so that the rest can be looked at.
func (r *run) signNow() time.Time { return r.Now().Add(r.endpoint) }

// newClient returns a client of DT's API.
func (r *run) newClient(s settings.API) (*dtapi.Client, error) {
	const attempts = 3
	return dtapi.New(dtapi.Config{
		URL: s.URL, TokenURL: s.TokenURL, Credentials: s.Credentials, Client: r.http, Now: r.dtNow, Attempts: attempts,
	})
}
