package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A secretSource says where the signature secret is from.
type secretSource int

const (
	nowhere secretSource = iota
	given                // by the environment or a secret store
	fromConnector
)

// secretVariable is where a secret is given.
const secretVariable = "DT_SIGNATURE_SECRET"

// errNoStore means that nothing can be read from secret stores.
var errNoStore = errors.New("this program cannot read it")

// read reads what a reference names.
func (r *run) read(ctx context.Context, reference string) (secret.Text, error) {
	if r.ReadSecret == nil {
		return secret.Text{}, errNoStore
	}
	return r.ReadSecret(ctx, reference)
}

// isReference tells whether the value of a variable names a secret instead of being one.
func isReference(value string) bool {
	for _, scheme := range []string{"aws-secretsmanager:", "aws-ssm:", "gcp-secretmanager:", "azure-keyvault:"} {
		if strings.HasPrefix(value, scheme) {
			return true
		}
	}
	return false
}

// showReference returns a reference as it can be shown: what is none may be the secret
// itself, put in the wrong place.
func showReference(text string) string {
	if !strings.Contains(text, "://") && !strings.HasPrefix(text, "projects/") || strings.Contains(text, "@") {
		return "the reference that was given"
	}
	return clean(text)
}

// checkSecret finds the secret to sign with, that of the environment, that of the
// deployment's secret store, or else the connector's own, and asks the endpoint whether
// it accepts it.
func (r *run) checkSecret(ctx context.Context) {
	text, where, err := r.givenSecret(ctx)
	from := where
	own, connector := r.connectorSecret()
	switch {
	case err != nil && own.IsZero(), text.IsZero() && own.IsZero():
		r.addUnlessEnded(ctx, r.noSecret(where, err))
		return
	case text.IsZero():
		r.secret, r.source, where = own, fromConnector, "the connector "+connector
	default:
		r.secret, r.source = text, given
	}
	result := Result{Check: CheckSecret, Status: OK, Found: "taken from " + where}
	if r.reached && !r.open {
		r.accepted, r.behind = r.tryFirst(ctx, r.secret)
	}
	switch r.accepted {
	case yes:
		result.Found += "; the endpoint accepts it"
	case no:
		result = r.refusedSecret(ctx, where, own, connector)
	}
	if err != nil { // the connector's stands in
		r.addUnlessEnded(ctx, Result{
			Check: CheckSecret, Status: Warn, Found: "it cannot be read from " + from + ": " + clean(err.Error()), Remedy: secretRemedy,
		})
	}
	r.addUnlessEnded(ctx, result)
}

const secretRemedy = "set DT_SIGNATURE_SECRET in the environment, or log in to the platform as somebody who may read the secret"

func (r *run) addUnlessEnded(ctx context.Context, result Result) {
	if ctx.Err() == nil {
		r.add(result)
	}
}

// tryFirst asks whether the endpoint accepts key, and by the same request whether its
// clock is behind.
func (r *run) tryFirst(ctx context.Context, key secret.Text) (accepted, behind acceptance) {
	accepted, passed := r.probe(ctx, key, r.dtNow().Add(-clockDoubt))
	switch passed {
	case yes:
		behind = no
	case no:
		behind = yes
	}
	return accepted, behind
}

// givenSecret returns the secret that the environment or the deployment's secret store
// has, and where it is from.
func (r *run) givenSecret(ctx context.Context) (text secret.Text, where string, err error) {
	value, reference := r.Env[secretVariable], r.Deployment.SignatureSecret
	if isReference(value) {
		value, reference = "", value
	}
	switch {
	case value != "":
		return secret.New(value), secretVariable, nil
	case reference != "":
		text, err = r.read(ctx, reference)
		return text, showReference(reference), err
	}
	return text, "", nil
}

// connectorSecret returns the first connector's secret, and the connector's name.
func (r *run) connectorSecret() (secret.Text, string) {
	for _, s := range r.states {
		if s.err == nil && s.HTTP != nil && !s.HTTP.SignatureSecret.IsZero() {
			return s.HTTP.SignatureSecret, string(s.name)
		}
	}
	return secret.Text{}, ""
}

// refusedSecret says whose secret is wrong when the endpoint does not accept r.secret.
func (r *run) refusedSecret(ctx context.Context, where string, own secret.Text, connector string) Result {
	result := Result{Check: CheckSecret, Status: Fail}
	switch {
	case r.source == fromConnector:
		result.Found = "the endpoint does not accept the secret of " + where + ": it refuses all that DT sends"
		result.Remedy = rotateSecret(connector)
		return result
	case own.IsZero():
		result.Found = "the endpoint does not accept the secret from " + where
		result.Remedy = "see that " + where + " is the function's secret; if it is: " + r.readAnew()
		return result
	case equal(own.Reveal(), r.secret.Reveal()):
		result.Found = "the endpoint has another secret than " + where + " and the connector " + connector + ": it refuses all that DT sends"
		result.Remedy = r.readAnew() + "; if it still has another one then, see where it reads it from"
		return result
	}
	accepted, behind := r.tryFirst(ctx, own)
	if accepted != yes {
		result.Found = "the endpoint accepts neither the secret from " + where + " nor that of the connector " + connector
		result.Remedy = r.readAnew() + "; then " + rotateSecret(connector)
		return result
	}
	// DT's events do come through. What follows is looked at by that secret.
	r.secret, r.source, r.accepted, r.behind = own, fromConnector, accepted, behind
	result.Found = "the secret from " + where + " is not the one that endpoint and connector have; those two agree, so events of DT are accepted"
	if where == secretVariable {
		result.Remedy = "correct or unset " + secretVariable + " here; nothing is wrong with the deployment"
	} else {
		result.Remedy = r.readAnew() + "; then " + rotateSecret(connector)
	}
	return result
}

// readAnew says how the function comes to read its secret again.
func (r *run) readAnew() string {
	switch r.Deployment.Cloud {
	case "aws", "azure":
		return "wait five minutes, after which the function reads its secret anew"
	case "":
		return "restart the function, so that it reads its secret anew"
	}
	return "apply again, so that the function reads its secret anew"
}

// rotateSecret says how a connector comes to sign with the function's secret.
func rotateSecret(connector string) string {
	return "set " + secretVariable + " to the function's secret, and: dtfn connector rotate-secret " + connector
}

func (r *run) noSecret(where string, cause error) Result {
	result := Result{Check: CheckSecret, Status: Fail, Remedy: "set DT_SIGNATURE_SECRET in the environment, or DT_SERVICE_ACCOUNT_* and a connector, so that its secret can be taken"}
	switch {
	case cause != nil:
		result.Found = "it cannot be read from " + where + ": " + clean(cause.Error())
		result.Remedy = secretRemedy
	case r.Deployment.Settings["DT_ORGANIZATION_ID"] != "":
		result.Status = Warn
		result.Found = "there is none here: right if the endpoint verifies DT's own signature only, but that nobody else can make, so no event can be sent through"
		result.Remedy = "set " + secretVariable + " if the endpoint has one; if not, see an event go through by dtfn connector sync, and then dtfn connector metrics"
	default:
		result.Found = "there is none to sign an event with, so the way of an event cannot be looked at"
	}
	return result
}
