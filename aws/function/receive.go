package function

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/dt-functions/dt-functions/aws/emf"
	"github.com/dt-functions/dt-functions/aws/gateway"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// reserve is how long before the end of its time a function stops, so that what it
// answers is still sent.
const reserve = 500 * time.Millisecond

func (p *platform) openReceive(ctx context.Context) (lambda.Handler, error) {
	c := p.config
	env, signature, err := secretstore.Open(ctx, secretstore.Config{Env: c.Env, Store: secrets.NewStore(p.client), Now: c.Now, Logger: p.logger(nil)})
	if err != nil {
		return nil, err
	}
	s, err := settings.LoadReceive(env, p.sinks(nil))
	log := p.logger(s.LogLevel)
	for _, warning := range s.Warnings {
		log.WarnContext(ctx, warning)
	}
	if err != nil {
		return nil, err
	}
	parts := receive.Parts{
		Drivers: p.sinks, Now: c.Now,
		Observer: telemetry.Tee(telemetry.LogObserver(log), emf.NewObserver(c.Stdout, c.Env["AWS_LAMBDA_FUNCTION_NAME"], c.Now)),
	}
	if signature != nil {
		parts.Secrets = signature.Secrets
	}
	f, err := receive.Open(ctx, s, parts)
	if err != nil {
		return nil, err
	}
	return &receiveHandler{function: f, signature: signature}, nil
}

// A receiveHandler is safe for concurrent use.
type receiveHandler struct {
	function  *receive.Function
	signature *secretstore.Signature // nil when the secrets do not change
}

// Invoke implements lambda.Handler. What is refused is an answer like any other: an
// error would be a 502 to the connector.
func (h *receiveHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	request, kind, err := gateway.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("receive: %w; scheduled jobs belong to the functions sync, configure and recover", err)
	}
	ctx, cancel := stopEarly(ctx, reserve)
	defer cancel()
	if h.signature != nil {
		h.signature.Refresh(ctx)
	}
	return gateway.Encode(h.function.Handle(ctx, request), kind)
}

// stopEarly returns ctx with its deadline moved forward by that time.
func stopEarly(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-by))
}
