package wiring

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/dt-functions/dt-functions/azure/host"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/shared/secretstore"
)

// scheduledRun returns what runs a scheduled function. It is opened for each run: the
// host may start one by hand while its timer's is still under way. When process ends,
// the run stops in good order.
func (a *app) scheduledRun(process context.Context) host.Run {
	return func(ctx context.Context, name string, t host.Timer) (json.RawMessage, error) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(process, func() { cancel(context.Cause(process)) })()
		// What is not under a connector's name in the log is told here.
		log := a.logger(slog.LevelInfo).With("function", name)
		log.InfoContext(ctx, "run", "pastDue", t.PastDue, "next", t.Next)
		report, err := a.runScheduled(ctx, name)
		if err != nil {
			log.ErrorContext(ctx, "run failed", "error", err.Error())
		}
		return report, err
	}
}

// runScheduled reads the secrets that the run needs, and runs the function.
func (a *app) runScheduled(ctx context.Context, name string) (json.RawMessage, error) {
	env, err := secretstore.Resolve(ctx, a.env, a.drivers.secrets)
	if err != nil {
		return nil, err
	}
	return scheduled.Run(ctx, name, env, scheduled.Parts{
		Sinks: a.drivers.sinks, Checkpoints: a.drivers.checkpoints(), Logger: a.logger, Now: a.Now,
	})
}
