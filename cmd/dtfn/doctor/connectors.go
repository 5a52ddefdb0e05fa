package doctor

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// A connectorState is what DT says of one connector.
type connectorState struct {
	name dtapi.ConnectorName
	dtapi.Connector
	err        error
	metrics    dtapi.Metrics
	metricsErr error
}

// askDT asks DT's API for the connectors.
func (r *run) askDT(ctx context.Context) {
	if len(r.Deployment.Connectors) == 0 {
		r.apiWhy = "no connector is named"
		return
	}
	client, err := r.client(ctx)
	if err != nil {
		r.apiWhy = clean(err.Error())
		return
	}
	for _, text := range r.Deployment.Connectors {
		s := connectorState{name: dtapi.ConnectorName(clean(text))}
		var name dtapi.ConnectorName
		if name, s.err = dtapi.ParseConnectorName(text); s.err == nil {
			s.name = name
			s.Connector, s.err = client.Connector(ctx, name)
		}
		if s.err == nil {
			s.metrics, s.metricsErr = client.ConnectorMetrics(ctx, name)
		}
		r.states = append(r.states, s)
	}
}

// client returns a client of DT's API, with the service account of the environment or
// the deployment's. The error says what is missing.
func (r *run) client(ctx context.Context) (*dtapi.Client, error) {
	env := maps.Clone(r.Env)
	if env == nil {
		env = settings.Environment{}
	}
	account := r.Deployment.ServiceAccount
	if env["DT_SERVICE_ACCOUNT_KEY_ID"] == "" {
		env["DT_SERVICE_ACCOUNT_KEY_ID"], env["DT_SERVICE_ACCOUNT_EMAIL"] = account.KeyID, account.Email
	}
	reference := account.Secret
	if value := env["DT_SERVICE_ACCOUNT_SECRET"]; isReference(value) {
		reference, env["DT_SERVICE_ACCOUNT_SECRET"] = value, ""
	}
	if env["DT_SERVICE_ACCOUNT_SECRET"] == "" && reference != "" {
		text, err := r.read(ctx, reference)
		if err != nil {
			return nil, fmt.Errorf("the service account's secret cannot be read from %s: %w", showReference(reference), err)
		}
		env["DT_SERVICE_ACCOUNT_SECRET"] = text.Reveal()
	}
	if env["DT_SERVICE_ACCOUNT_SECRET"] == "" || env["DT_SERVICE_ACCOUNT_KEY_ID"] == "" {
		return nil, errors.New("there is no service account")
	}
	s, _, err := settings.LoadAPI(env)
	if err != nil {
		return nil, err
	}
	return r.newClient(s)
}

// checkConnectors judges what DT has said of the connectors.
func (r *run) checkConnectors(ctx context.Context) {
	if r.apiWhy != "" {
		r.add(skipped(CheckConnector, r.apiWhy, "set DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET and DT_SERVICE_ACCOUNT_EMAIL (the role project.user is enough), and name the connectors by --connector"))
		return
	}
	if result, ok := r.noAPI(); ok {
		r.add(result)
		return
	}
	for i := range r.states {
		s := &r.states[i]
		if s.err != nil {
			r.add(Result{Check: CheckConnector, Subject: string(s.name), Status: Fail, Found: clean(s.err.Error()), Remedy: apiRemedy(s.err)})
			continue
		}
		for _, check := range []func(context.Context, *connectorState) (Result, bool){r.status, r.target, r.signing, r.events, r.labels, r.headers, r.deliveries} {
			if result, ok := check(ctx, s); ok && ctx.Err() == nil {
				result.Subject = string(s.name)
				r.add(result)
			}
		}
	}
}

// noAPI is the result when no connector can be seen, for one reason that has nothing to
// do with the connectors: it is named once.
func (r *run) noAPI() (Result, bool) {
	for _, s := range r.states {
		if s.err == nil || errors.Is(s.err, dtapi.ErrInvalid) || errors.Is(s.err, dtapi.ErrNotFound) || errors.Is(s.err, dtapi.ErrForbidden) {
			return Result{}, false
		}
	}
	err := r.states[0].err
	return Result{Check: CheckConnector, Status: Fail, Found: "DT's API cannot be used: " + clean(err.Error()), Remedy: apiRemedy(err)}, true
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func apiRemedy(err error) string {
	switch {
	case errors.Is(err, dtapi.ErrInvalid):
		return "name it as projects/P/dataconnectors/C"
	case errors.Is(err, dtapi.ErrNotFound):
		return "make the connector (dtfn connector create), correct its name, or give the service account a role in its project"
	case errors.Is(err, dtapi.ErrForbidden):
		return "give the service account the role project.user in the connector's project"
	case errors.Is(err, dtapi.ErrUnauthenticated):
		return "see that key id, secret and email are of one service account, that the key exists still, and that this machine's clock is right"
	}
	return "see whether DT's API can be reached from here: DT_API_URL, DT_TOKEN_URL, proxy"
}
