package function

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/aws/gateway"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/shared/secretstore"
)

// scheduledReserve is how long before the end of its time a scheduled function stops:
// enough to write down how far it came.
const scheduledReserve = 5 * time.Second

// A scheduledHandler runs a function once an invocation. Secrets are read each time:
// between two runs they may have changed.
type scheduledHandler struct {
	*platform
	name string
}

// Invoke implements lambda.Handler. The answer is the report. An error shows in the
// metrics, and makes Lambda invoke the function again, which does no harm.
func (h *scheduledHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if _, kind, err := gateway.Decode(payload); err == nil {
		return gateway.Encode(notOverHTTP(), kind)
	}
	var input struct {
		Job string `json:"job"`
	}
	if err := json.Unmarshal(payload, &input); err != nil || input.Job != h.name {
		return nil, fmt.Errorf(`%s: the input is not {"job":%q}; set it in the schedule`, h.name, h.name)
	}
	ctx, cancel := stopEarly(ctx, scheduledReserve)
	defer cancel()
	env, err := secretstore.Resolve(ctx, h.config.Env, secrets.NewStore(h.client))
	if err != nil {
		return nil, err
	}
	report, err := scheduled.Run(ctx, h.name, env, scheduled.Parts{
		Sinks: h.sinks, Checkpoints: h.checkpoints(), Now: h.config.Now,
		Logger: func(level slog.Level) *slog.Logger { return h.logger(level) },
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.name, err)
	}
	return report, nil
}

// notOverHTTP is for those who find a scheduled function behind a URL.
func notOverHTTP() receive.Answer {
	return receive.Answer{
		Status: http.StatusForbidden, Header: map[string]string{"Content-Type": "application/json"},
		Body: []byte(`{"outcome":"forbidden","reason":"not-over-http"}`),
	}
}
