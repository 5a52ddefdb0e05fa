package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	awssecrets "github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/azure/keyvault"
	gcpsecrets "github.com/dt-functions/dt-functions/gcp/secrets"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// ErrUnreadable means that a secret is in a place that only its platform's own tool can
// read. The error says by which command.
var ErrUnreadable = errors.New("dtfn does not read this secret store")

// Secret reads what a reference names, in any of the forms that the Terraform modules
// give. Errors hold no secret, nor the reference: somebody may have put the secret in
// its place.
func (p *Platform) Secret(ctx context.Context, reference string) (secret.Text, error) {
	scheme, rest, _ := strings.Cut(reference, "://")
	switch {
	case scheme == "aws-secretsmanager", scheme == "aws-ssm":
		text, err := awssecrets.Read(ctx, p.aws, reference)
		if errors.Is(err, awsapi.ErrNoCredentials) {
			return text, fmt.Errorf("log in first: eval \"$(aws configure export-credentials --format env)\" (%w)", err)
		}
		return text, err
	case scheme == gcpsecrets.Scheme, strings.HasPrefix(reference, "projects/"):
		return gcpsecrets.Read(ctx, gcpsecrets.Config{Tokens: p.google, Client: p.client}, reference)
	case scheme == keyvault.Scheme, keyvault.IsReference(reference):
		return keyvault.Read(ctx, keyvault.Config{Tokens: p.azure, Client: p.client}, reference)
	case scheme == "heroku-config":
		app, variable := nameAndVariable(rest)
		return secret.Text{}, fmt.Errorf("%w: export %s=\"$(heroku config:get %s --app %s)\"", ErrUnreadable, variable, variable, app)
	case scheme == "ibm-code-engine":
		project, rest, _ := strings.Cut(rest, "/")
		name, variable := nameAndVariable(rest)
		return secret.Text{}, fmt.Errorf("%w: export %s with what this shows: ibmcloud ce project select --id %s && ibmcloud ce secret get --name %s --decode",
			ErrUnreadable, variable, safe(project, "PROJECT"), name)
	}
	return secret.Text{}, fmt.Errorf("%w: put it into DT_SIGNATURE_SECRET or DT_SERVICE_ACCOUNT_SECRET yourself", ErrUnreadable)
}

// nameAndVariable returns the names in NAME/VARIABLE, for a command.
func nameAndVariable(text string) (name, variable string) {
	name, variable, _ = strings.Cut(text, "/")
	return safe(name, "NAME"), safe(variable, "DT_SIGNATURE_SECRET")
}

// safe returns a name as it can stand in a command that is copied into a shell, or
// another one in its place.
func safe(name, otherwise string) string {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if name == "" || name[0] == '-' || len(name) > 100 || strings.Trim(name, characters) != "" {
		return otherwise
	}
	return name
}
