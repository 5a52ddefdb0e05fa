package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/dt-functions/dt-functions/aws/gateway"
	"github.com/dt-functions/dt-functions/aws/rotation"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// signatureSecret is the variable whose reference says which secret is rotated.
const signatureSecret = "DT_SIGNATURE_SECRET"

func (p *platform) openRotate() (lambda.Handler, error) {
	r, ok, err := secrets.ParseReference(p.config.Env[signatureSecret])
	if err == nil && (!ok || r.Parameter) {
		err = errors.New("only a secret of AWS Secrets Manager can be rotated: aws-secretsmanager://ARN or aws-secretsmanager://ARN#JSONKEY")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", signatureSecret, err)
	}
	return &rotateHandler{platform: p, secret: r}, nil
}

// A rotateHandler does one step an invocation.
type rotateHandler struct {
	*platform
	secret secrets.Reference
}

// Invoke implements lambda.Handler.
func (h *rotateHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if _, kind, err := gateway.Decode(payload); err == nil {
		return gateway.Encode(notOverHTTP(), kind)
	}
	var event rotation.Event
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("rotate: the event is not one of Secrets Manager: %w", err)
	}
	f, err := h.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.Handle(ctx, event); err != nil {
		return nil, err
	}
	return []byte("null"), nil
}

func (h *rotateHandler) open(ctx context.Context) (*rotation.Function, error) {
	env := maps.Clone(h.config.Env)
	delete(env, signatureSecret) // this one is looked at version by version
	env, err := secretstore.Resolve(ctx, env, secrets.NewStore(h.client))
	if err != nil {
		return nil, err
	}
	s, err := settings.LoadSync(env) // the API and the connectors, nothing else
	log := h.logger(s.LogLevel)
	for _, warning := range s.Warnings {
		log.WarnContext(ctx, warning)
	}
	if err != nil {
		return nil, err
	}
	dt, err := dtapi.New(dtapi.Config{URL: s.API.URL, TokenURL: s.API.TokenURL, Credentials: s.API.Credentials, Now: h.config.Now})
	if err != nil {
		return nil, err
	}
	return rotation.New(rotation.Config{
		Client: h.client, Secret: h.secret, DT: dt, Connectors: s.Connectors, Logger: log, Now: h.config.Now,
	})
}
