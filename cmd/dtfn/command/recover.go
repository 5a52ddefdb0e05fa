package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/settings"
)

type recoverFlags struct {
	since, until string
	devices      []string
}

func (a *app) recover() *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Enable the connectors in DT_CONNECTORS if need be, and fetch what they missed",
		Long: `recover is the scheduled function recover, run once: it enables connectors that DT
has disabled, and fetches from DT's event history what was not delivered since the
checkpoint. Events go through the same filter, label rules and sinks as received
ones. Stopped half-way, the next run goes on.

With --since it fetches a span by hand instead: no connector is enabled, and no
checkpoint is read or moved. DT keeps events for 31 days.

` + exitCodeHelp,
		Example: `  dtfn recover
  dtfn recover --since 48h
  dtfn recover --since 2026-11-01T00:00:00Z --until 2026-11-03T00:00:00Z --devices bfui341je8aagrqo5mgg`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runRecover(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.since, "since", "", "fetch from this `TIME` on: RFC 3339, or how long ago, such as 48h")
	flags.StringVar(&f.until, "until", "", "and up to this `TIME` (default now)")
	flags.StringSliceVar(&f.devices, "devices", nil, "of these devices alone, by id (default all)")
	return cmd
}

func (a *app) runRecover(ctx context.Context, f recoverFlags) (err error) {
	window, err := f.window(a.Now())
	if err != nil {
		return err
	}
	drivers := a.checkpoints()
	load := func() (settings.Recover, error) { return settings.LoadRecover(a.env, a.drivers(nil), drivers) }
	if window != nil {
		load = func() (settings.Recover, error) { return settings.LoadBackfill(a.env, a.drivers(nil)) }
	}
	s, err := load()
	if err != nil {
		return err
	}
	for _, warning := range s.Warnings {
		fmt.Fprintln(a.Stderr, "dtfn:", warning)
	}
	progress := newRecoverProgress(a)
	c := recover.Config{
		Connectors: s.Connectors, Window: window, UserDisabled: s.UserDisabled, Overlap: s.Overlap,
		Progress: progress.show, Now: a.Now,
	}
	if c.Client, err = a.client(); err != nil {
		return err
	}
	handler, err := handling.Open(ctx, s.Handling, a.drivers, a.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, handler.Close()) }()
	c.Handler = *handler
	if window == nil {
		if c.Checkpoints, err = drivers.Open(ctx, s.Checkpoint.Reveal()); err != nil {
			return fmt.Errorf("DT_CHECKPOINT: %w", err)
		}
		defer func() { err = errors.Join(err, c.Checkpoints.Close()) }()
	}
	function, err := recover.New(c)
	if err != nil {
		return err
	}
	report, err := function.Run(ctx)
	progress.end()
	a.showRecovered(report)
	if err != nil {
		return errReported
	}
	return nil
}

// checkpoints are the checkpoint stores that dtfn can open.
func (a *app) checkpoints() checkpoint.Drivers {
	d := checkpoint.Portable()
	d[store.Scheme] = store.OpenCheckpoint
	return d
}

// window returns the span that the flags ask for; nil when they ask for none.
func (f recoverFlags) window(now time.Time) (*recover.Window, error) {
	if f.since == "" {
		if f.until != "" || len(f.devices) > 0 {
			return nil, misusef("--until and --devices take --since with them")
		}
		return nil, nil
	}
	w := recover.Window{Until: now, Devices: f.devices}
	var err error
	if w.Since, err = parseMoment("--since", f.since, now); err != nil {
		return nil, err
	}
	if f.until != "" {
		if w.Until, err = parseMoment("--until", f.until, now); err != nil {
			return nil, err
		}
	}
	if !w.Since.Before(w.Until) {
		return nil, misusef("--since: %s is not before %s, where the span ends", w.Since.Format(time.RFC3339), w.Until.Format(time.RFC3339))
	}
	return &w, nil
}

// parseMoment reads a time, or how long ago it was.
func parseMoment(flag, text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, misusef("%s: %q is neither a time (2026-11-01T00:00:00Z) nor how long ago one was (48h)", flag, text)
	}
	return t, nil
}

// showRecovered prints the report.
func (a *app) showRecovered(report recover.Report) {
	if a.json {
		a.encode(a.Stdout, report)
		return
	}
	for _, c := range report.Connectors {
		status := c.Status
		if c.Enabled {
			status += ", enabled"
		}
		fmt.Fprintf(a.Stdout, "%s: %s\n", c.Connector, status)
		for _, g := range c.Gaps {
			fmt.Fprintf(a.Stdout, "  from %s to %s: %d of %d devices, %d events in %d requests; %d published (%d were there already), %d filtered\n",
				g.From.Format(time.RFC3339), g.To.Format(time.RFC3339), g.DevicesDone, g.Devices, g.Events, g.Pages, g.Published, g.Duplicates, g.Filtered)
		}
		if !c.Checkpoint.IsZero() {
			fmt.Fprintf(a.Stdout, "  all events up to %s are there\n", c.Checkpoint.Format(time.RFC3339))
		}
		for _, note := range c.Notes {
			fmt.Fprintf(a.Stdout, "  %s\n", note)
		}
		if c.Error != "" {
			fmt.Fprintf(a.Stdout, "  failed: %s\n", c.Error)
		}
	}
}
