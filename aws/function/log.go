package function

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// logger returns the log, with the names that Lambda knows in JSON logs, and the id of
// the invocation in each line.
func (p *platform) logger(level slog.Leveler) *slog.Logger {
	l := telemetry.NewLogger(p.config.Stdout, level, telemetry.WithClock(p.config.Now),
		telemetry.WithNames(telemetry.Names{Time: "timestamp", Message: "message"}))
	return slog.New(requestHandler{l.Handler()})
}

// A requestHandler adds the id of the invocation.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", c.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}
