package scheduled

import (
	"context"

	"github.com/dt-functions/dt-functions/functions/sync"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func openSync(ctx context.Context, env settings.Environment, p Parts) (Function, error) {
	s, err := settings.LoadSync(env)
	if err != nil {
		return nil, err
	}
	log := p.start(ctx, s.LogLevel, s.Warnings)
	client, err := p.newClient(s.API, log)
	if err != nil {
		return nil, err
	}
	f, err := sync.New(sync.Config{Client: client, Connectors: s.Connectors})
	if err != nil {
		return nil, err
	}
	return function{close: nothing, run: func(ctx context.Context) (any, error) {
		report, err := f.Run(ctx)
		for _, r := range report.Connectors {
			logResult(ctx, log, "sync", r.Connector, r.Error, r)
		}
		return report, err
	}}, nil
}
