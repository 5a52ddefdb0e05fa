package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// defaultStore is where run keeps events and events looks for them.
const defaultStore = "dtfn.db"

type runFlags struct {
	simulator bool
	speed     float64
	seed      uint64
	store     string
	listen    string
	path      string
	cloud     string
	faults    dtcloud.Faults
}

func (a *app) run() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run everything on this machine: simulated DT Cloud, receiver, store",
		Long: `run starts a simulated DT Cloud whose sensors send signed events, the receive
function that verifies, filters and labels them, and a SQLite store. It shows
every event as it comes. Stop it with Ctrl-C.

With --simulator=false it is a plain receiver, for a real Data Connector by way
of a tunnel: DT_SIGNATURE_SECRET or DT_ORGANIZATION_ID must then be set.

The settings of receive apply (DT_EVENT_TYPES, DT_LABEL_SELECTOR, …). Events go
to the store and to what DT_SINK names besides.

What calls DT's API works on the simulator too: it leaves the settings for that in
dtfn.env, beside the store.

` + exitCodeHelp,
		Example: `  dtfn run
  dtfn run --speed 600 --duplicates 0.1
  DT_EVENT_TYPES=temperature dtfn run
  set -a; . ./dtfn.env; set +a; dtfn connector get "$DT_CONNECTORS"   # in another terminal
  DT_SIGNATURE_SECRET="$SECRET" dtfn run --simulator=false`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runRun(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.simulator, "simulator", true, "run the simulated DT Cloud")
	flags.Float64Var(&f.speed, "speed", 60, "how many times faster the simulated time passes")
	flags.Uint64Var(&f.seed, "seed", 0, "make the simulation repeatable; 0 is another one each time")
	flags.StringVar(&f.store, "store", defaultStore, "the store's `FILE`")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "the receiver's address; :0 takes a free port")
	flags.StringVar(&f.path, "path", "/", "the path that the connector posts to")
	flags.StringVar(&f.cloud, "cloud", "127.0.0.1:0", "the address of the simulator's REST API; :0 takes a free port")
	flags.Float64Var(&f.faults.Duplicate, "duplicates", 10*dtcloud.UsualDuplicates, "how many events the simulator sends twice, from 0 to 1")
	flags.Float64Var(&f.faults.DropAnswer, "drop-answers", 0, "how many answers get lost, from 0 to 1")
	flags.Float64Var(&f.faults.CorruptSignature, "corrupt-signatures", 0, "how many signatures are wrong, from 0 to 1")
	return cmd
}

// A runner is what runs under dtfn run.
type runner struct {
	*app
	flags     runFlags
	storePath string
	listener  net.Listener
	url       string      // of the receiver
	sim       *simulation // nil without the simulator
	function  *receive.Function
	logger    *slog.Logger
}

func (a *app) runRun(ctx context.Context, f runFlags) (err error) {
	r := &runner{app: a, flags: f}
	if r.storePath, err = filepath.Abs(f.store); err != nil {
		return misusef("--store: %w", err)
	}
	if r.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", f.listen); err != nil {
		return misusef("--listen: %w", err)
	}
	defer r.listener.Close()
	r.url = "http://" + r.listener.Addr().String() + f.path
	if f.simulator {
		if r.sim, err = newSimulation(ctx, a.Now, simulationConfig{listen: f.cloud, speed: f.speed, seed: f.seed, faults: f.faults}); err != nil {
			return misuse(err)
		}
		defer func() { err = errors.Join(err, r.sim.close()) }()
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.function.Close()) }()
	r.welcome()
	return r.watch(ctx)
}

// environment returns the settings: the caller's, with the store as the first
// sink and, where there is a simulator, with what verifies its events.
func (r *runner) environment() settings.Environment {
	env := maps.Clone(r.env)
	env["DT_SINK"] = storeURL(r.storePath)
	if more := r.env["DT_SINK"]; more != "" {
		env["DT_SINK"] += "," + more
	}
	if r.sim != nil {
		if env["DT_SIGNATURE_SECRET"] == "" {
			env["DT_SIGNATURE_SECRET"] = rand.Text()
		}
		env["DT_ORGANIZATION_ID"], env["DT_OIDC_ISSUER"] = r.sim.cloud.Organization(), r.sim.cloud.Issuer()
	}
	return env
}

// open opens the receive function and lets the simulator post to it.
func (r *runner) open(ctx context.Context) error {
	s, err := settings.LoadReceive(r.environment(), r.drivers(nil))
	if err != nil {
		return err
	}
	r.logger = telemetry.NewLogger(r.Stderr, max(s.LogLevel, slog.LevelWarn))
	for _, warning := range s.Warnings {
		r.logger.WarnContext(ctx, warning)
	}
	parts := receive.Parts{
		Drivers: r.drivers, Observer: faultsOnly{telemetry.LogObserver(r.logger)},
		Path: r.flags.path, Now: r.Now,
	}
	if r.function, err = receive.Open(ctx, s, parts); err != nil {
		return err
	}
	if r.sim == nil {
		return nil
	}
	if err := r.sim.connect(r.url, s.Verification.Secret.Reveal()); err != nil {
		return errors.Join(err, r.function.Close())
	}
	if err := r.sim.writeEnvironment(r.envPath()); err != nil {
		return errors.Join(err, r.function.Close())
	}
	return nil
}

// envPath is where the settings go with which the simulator's API can be used: beside
// the store.
func (r *runner) envPath() string { return filepath.Join(filepath.Dir(r.storePath), "dtfn.env") }

// watch serves, shows what comes, and stops in good order when ctx ends.
func (r *runner) watch(ctx context.Context) error {
	v := newView(r.app, r.function)
	start := time.Now()
	summary := func() runSummary { return r.summary(v, time.Since(start)) }
	v.setSummary(func() string { return summary().String() })

	// The receiver outlives the simulator, so that what is on its way arrives.
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	served := make(chan error, 1)
	go func() { served <- receivehttp.Serve(serving, r.listener, receivehttp.NewHandler(v), r.logger) }()
	stopped := make(chan error, 1)
	go func() { stopped <- r.simulate(ctx) }()

	every := 10 * time.Second
	if v.terminal {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			v.refresh()
			continue
		case err := <-served: // it cannot go on
			return err
		case err := <-stopped:
			stopServing()
			err = errors.Join(err, <-served)
			v.setSummary(nil)
			r.farewell(summary())
			return err
		}
	}
}

// simulate runs the simulator, or waits, until ctx ends.
func (r *runner) simulate(ctx context.Context) error {
	if r.sim == nil {
		<-ctx.Done()
		return nil
	}
	return r.sim.run(ctx)
}

func (r *runner) welcome() {
	if r.json {
		return
	}
	if r.sim != nil {
		fmt.Fprintf(r.Stdout, "A simulated DT Cloud posts to %s, %g times as fast as real time.\n", r.url, r.flags.speed)
	} else {
		fmt.Fprintf(r.Stdout, "Listening on %s for a Data Connector. It needs an https URL: point a tunnel here.\n", r.url)
	}
	fmt.Fprintf(r.Stdout, "Events are kept in %s; `dtfn events` lists them. Ctrl-C stops.\n", r.storePath)
	if r.sim != nil {
		fmt.Fprintf(r.Stdout, "Its API's settings are in %s: with them `dtfn connector` changes the connector while this runs.\n", r.envPath())
	}
	fmt.Fprintln(r.Stdout)
}

func (r *runner) farewell(s runSummary) {
	if r.json {
		r.encode(r.Stdout, map[string]runSummary{"summary": s})
		return
	}
	fmt.Fprintln(r.Stdout, s)
}

// summary counts what v has seen.
func (r *runner) summary(v *view, d time.Duration) runSummary {
	s := runSummary{
		Accepted: v.count(receive.Accepted), Duplicates: v.count(receive.Duplicate),
		Filtered: v.count(receive.Filtered), DeadLettered: v.count(receive.DeadLettered),
		Refused: v.count(receive.Unauthorized), Retried: v.count(receive.Retry),
		Seconds: d.Seconds(),
	}
	if r.sim != nil {
		s.Cloud = new(r.sim.cloud.Stats())
	}
	return s
}

// A runSummary counts what came.
type runSummary struct {
	Accepted     int            `json:"accepted"`
	Duplicates   int            `json:"duplicates"`
	Filtered     int            `json:"filtered"`
	DeadLettered int            `json:"deadLettered"`
	Refused      int            `json:"refused"`
	Retried      int            `json:"retry"`
	Seconds      float64        `json:"seconds"`
	Cloud        *dtcloud.Stats `json:"cloud,omitempty"`
}

func (s runSummary) String() string {
	text := fmt.Sprintf("%d accepted, %d duplicates, %d filtered, %d refused, %d retried",
		s.Accepted, s.Duplicates, s.Filtered, s.Refused, s.Retried)
	if s.DeadLettered > 0 {
		text += fmt.Sprintf(", %d dead-lettered", s.DeadLettered)
	}
	if s.Cloud != nil {
		text += fmt.Sprintf("; %d sent, %d pending", s.Cloud.Sent, s.Cloud.Pending)
	}
	return text
}

// faultsOnly lets pass what went wrong on this side: the rest is on the screen.
type faultsOnly struct{ telemetry.Observer }

func (o faultsOnly) Received(ctx context.Context, r telemetry.Receipt) {
	if r.Err != nil && r.Status >= http.StatusInternalServerError {
		o.Observer.Received(ctx, r)
	}
}
