package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/schedule"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// parts are what the scheduled functions get from this program.
func (a *app) parts(logger func(slog.Level) *slog.Logger) scheduled.Parts {
	return scheduled.Parts{
		Sinks: a.drivers.sinks, Checkpoints: a.drivers.checkpoints(), Logger: logger, Now: a.Now,
	}
}

// runOnce runs a scheduled function, as jobs do that a platform's own scheduler
// starts, and prints its report.
func (a *app) runOnce(ctx context.Context, name string) error {
	report, err := scheduled.Run(ctx, name, a.env, a.parts(func(level slog.Level) *slog.Logger {
		return telemetry.NewLogger(a.Stderr, level, telemetry.WithClock(a.Now))
	}))
	if report != nil {
		fmt.Fprintf(a.Stdout, "%s\n", report)
	}
	return err
}

// A runner runs the functions of a plan.
type runner map[string]scheduled.Function

// openFunctions opens the functions of a plan. All that is wrong with their settings
// is in the error, beside which the others are open.
func (a *app) openFunctions(ctx context.Context, plan schedule.Plan, logger *slog.Logger) (runner, error) {
	open := make(runner)
	var errs []error
	for _, e := range plan.Entries {
		f, err := scheduled.Open(ctx, e.Function, a.env, a.parts(func(slog.Level) *slog.Logger { return logger }))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		open[e.Function] = f
	}
	return open, errors.Join(errs...)
}

// run runs a function; what its report says is in the log already, connector by
// connector.
func (r runner) run(ctx context.Context, name string) error {
	_, err := r[name].Run(ctx)
	return err
}

// Close closes the functions.
func (r runner) Close() error {
	var errs []error
	for _, f := range r {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// scheduleLock returns the lock that makes one instance the one that runs the plan:
// in the database that DATABASE_URL names, where there is one.
func (a *app) scheduleLock() (schedule.Lock, error) {
	if a.database.IsZero() {
		return schedule.Alone{}, nil
	}
	l, err := a.drivers.postgres.Lock(&url.URL{Scheme: postgres.Schemes()[0]}, "schedule")
	if err != nil {
		return nil, problem(databaseURL, err.Error(), "the URL of a PostgreSQL database, in which instances agree on who runs DT_SCHEDULE")
	}
	return l, nil
}
