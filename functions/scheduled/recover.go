package scheduled

import (
	"context"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func openRecover(ctx context.Context, env settings.Environment, p Parts) (Function, error) {
	s, err := settings.LoadRecover(env, p.Sinks(nil), p.Checkpoints)
	if err != nil {
		return nil, err
	}
	log := p.start(ctx, s.LogLevel, s.Warnings)
	client, err := p.newClient(s.API, log)
	if err != nil {
		return nil, err
	}
	handler, err := handling.Open(ctx, s.Handling, p.Sinks, p.Now)
	if err != nil {
		return nil, err
	}
	checkpoints, err := p.Checkpoints.Open(ctx, s.Checkpoint.Reveal())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("DT_CHECKPOINT: %w", err), handler.Close())
	}
	closeAll := func() error { return errors.Join(handler.Close(), checkpoints.Close()) }
	f, err := recover.New(recover.Config{
		Client: client, Connectors: s.Connectors, Handler: *handler, Checkpoints: checkpoints,
		UserDisabled: s.UserDisabled, Overlap: s.Overlap, Now: p.Now,
	})
	if err != nil {
		return nil, errors.Join(err, closeAll())
	}
	return function{close: closeAll, run: func(ctx context.Context) (any, error) {
		report, err := f.Run(ctx)
		for _, r := range report.Connectors {
			logResult(ctx, log, "recover", r.Connector, r.Error, r)
		}
		return report, err
	}}, nil
}
