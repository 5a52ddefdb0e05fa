// Package recover is the function that keeps connectors alive and fills the gaps
// that DT never sends again: it notices when a connector is disabled or its
// requests have failed for so long that DT gives events up, enables it, and fetches
// what was missed from DT's event history.
//
// What it fetches goes the way of every event: through the same filter, label
// rules, encoding and sinks, marked as recovered.
package recover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
)

var (
	// ErrUnfinished means that the run was stopped before it had fetched everything.
	// The next run goes on where it was.
	ErrUnfinished = errors.New("stopped before everything was fetched; the next run goes on from here")
	// ErrCheckpoint means that a checkpoint cannot be used. Nothing was done to its
	// connector.
	ErrCheckpoint = errors.New("the checkpoint cannot be used")
)

// Config is what a Function works with.
type Config struct {
	Client *dtapi.Client // required
	// Connectors are those to look after, in this order. Required.
	Connectors []dtapi.ConnectorName
	// Handler is the way of the events. Its Sink is required.
	Handler handling.Handler
	// Checkpoints keep how far each connector is, by its name. Required, unless
	// there is a Window.
	Checkpoints checkpoint.Store
	// Window, unless nil, is fetched instead of what the checkpoints say, which then
	// are neither read nor changed. No connector is enabled.
	Window *Window
	// UserDisabled says that connectors are enabled too which a user has disabled.
	UserDisabled bool
	// Overlap is how far before the checkpoint events are fetched again.
	Overlap time.Duration
	// Concurrency is how many devices are fetched at a time; 0 means 8. It hides how
	// long an answer takes; how many requests there are is the client's rate.
	Concurrency int
	// Progress, unless nil, is called after each page of events, one call at a time.
	Progress func(Progress)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Window is a span that is fetched by hand.
type Window struct {
	// Since and Until bound the events' timestamps.
	Since, Until time.Time
	// Devices are the ids of the only devices to fetch; empty means all.
	Devices []string
}

// Progress is how far a run is with one connector.
type Progress struct {
	Connector            string
	Devices, DevicesDone int
	Pages                int // requests for events, in this run
	Events               int // fetched, in this run
}

// A Function looks after connectors.
type Function struct {
	config  Config
	decoder event.Decoder
}

// New returns a Function, or an error when a part is missing.
func New(c Config) (*Function, error) {
	switch {
	case c.Client == nil || len(c.Connectors) == 0:
		return nil, errors.New("recover: a client and at least one connector are required")
	case c.Handler.Sink == nil:
		return nil, errors.New("recover: a sink is required")
	case c.Checkpoints == nil && c.Window == nil:
		return nil, errors.New("recover: a checkpoint store is required")
	case c.Window != nil && !c.Window.Since.Before(c.Window.Until):
		return nil, errors.New("recover: the window ends before it begins")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 8
	}
	return &Function{config: c}, nil
}

// Run looks after all connectors, one after another, and goes on after one fails.
// The error joins one for each that failed, and names it.
func (f *Function) Run(ctx context.Context) (Report, error) {
	var report Report
	var errs []error
	for _, name := range f.config.Connectors {
		r := run{Function: f, name: name, report: ConnectorReport{Connector: string(name)}}
		work := r.lookAfter
		if f.config.Window != nil {
			work = r.fetchWindow
		}
		err := work(ctx)
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("%w (%w)", ErrUnfinished, context.Cause(ctx))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			r.report.Error = err.Error()
		}
		report.Connectors = append(report.Connectors, r.report)
	}
	return report, errors.Join(errs...)
}

// A run is the work on one connector.
type run struct {
	*Function
	name     dtapi.ConnectorName
	is       dtapi.Connector
	state    state
	revision string
	report   ConnectorReport
}

// lookAfter does all that a schedule asks for.
func (r *run) lookAfter(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	var err error
	if r.is, err = r.config.Client.Connector(ctx, r.name); err != nil {
		return err
	}
	r.report.Status = string(r.is.Status)
	// What an earlier run left undone comes first: the rest builds on it.
	if err := r.closeGap(ctx); err != nil {
		return err
	}
	health := r.observe(ctx)
	switch r.is.Status {
	case dtapi.StatusActive:
		err = r.step(ctx, health)
	case dtapi.StatusSystemDisabled, dtapi.StatusUserDisabled:
		err = r.enable(ctx)
	default:
		r.note("this version does not know its status, so it is left alone")
	}
	if err != nil {
		return err
	}
	return r.closeGap(ctx)
}

// enable enables a disabled connector and notes the gap that is to be fetched then.
func (r *run) enable(ctx context.Context) error {
	// Noted before the connector is enabled: should this run end right after that,
	// the next one still knows that there is a gap.
	r.state.Seen = seen{Time: r.config.Now(), Disabled: true}
	if err := r.save(ctx); err != nil {
		return err
	}
	if r.is.Status == dtapi.StatusUserDisabled && !r.config.UserDisabled {
		r.note("disabled by a user, so it is left alone; enable it in DT Studio, with `dtfn connector enable`, or set DT_RECOVER_USER_DISABLED=true")
		return nil
	}
	active := dtapi.StatusActive
	is, err := r.config.Client.UpdateConnector(ctx, r.name, dtapi.Change{Status: &active})
	if err != nil {
		return fmt.Errorf("enabling it: %w", err)
	}
	if is.Status != dtapi.StatusActive {
		return fmt.Errorf("it was enabled, but is %s", is.Status)
	}
	r.report.Enabled = true
	now := r.config.Now()
	r.state.Seen = seen{Time: now}
	r.openGap(r.state.Until, now)
	return r.save(ctx)
}

// step does what is due for a connector that is active.
func (r *run) step(ctx context.Context, h health) error {
	now := r.config.Now()
	to, until := decide(r.state, h, now)
	switch {
	case !to.IsZero():
		if h == healthFailing {
			r.note("its requests have been failing for so long that DT gives events up, so they are fetched; see why the endpoint does not answer with 200")
		}
		r.openGap(r.state.Until, to)
	case until.After(r.state.Until):
		r.state.Until = until
	}
	r.state.Seen = seen{Time: now}
	r.report.Checkpoint = r.state.Until
	return r.save(ctx)
}

// observe reads the metrics of the connector. Without them no gap is closed
// wrongly, so that they cannot be had is no reason to stop.
func (r *run) observe(ctx context.Context) health {
	m, err := r.config.Client.ConnectorMetrics(ctx, r.name)
	if err != nil {
		r.note("its metrics cannot be read, so the checkpoint stays where it is: " + err.Error())
		return healthUnknown
	}
	r.report.Metrics = &Metrics{SuccessCount: m.SuccessCount, ErrorCount: m.ErrorCount, Latency99p: m.Latency99p.String()}
	return judge(m)
}

func (r *run) note(text string) { r.report.Notes = append(r.report.Notes, text) }
