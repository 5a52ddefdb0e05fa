// Package platform gives dtfn doctor what is a platform's own: finders that look into
// its sinks, and its secret stores. Whoever runs it logs in as the platform's own
// command-line tool does, by variables of the environment.
package platform

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/awsfind"
	awssecrets "github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/azure/keyvault"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/gcp/gcpfind"
	"github.com/dt-functions/dt-functions/gcp/pubsub"
	gcpsecrets "github.com/dt-functions/dt-functions/gcp/secrets"
	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/heroku/postgresfind"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkafind"
)

// Config is what a Platform works with.
type Config struct {
	// Env has the variables by which the platforms' own tools log in.
	Env settings.Environment
	// Client calls the platforms; nil means one of its own. It must speak HTTP/1.1 only,
	// as Service Bus needs.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Platform is all platforms at once. Nothing is called before it is needed.
type Platform struct {
	env    settings.Environment
	client *http.Client
	now    func() time.Time
	aws    *awsapi.Client
	google *googleTokens
	azure  *azureTokens
}

// New returns a Platform.
func New(c Config) *Platform {
	p := &Platform{env: c.Env, client: c.Client, now: c.Now}
	if p.now == nil {
		p.now = time.Now
	}
	if p.client == nil {
		p.client = &http.Client{Transport: transport()}
	}
	p.aws = awsapi.New(awsapi.Config{Env: p.env, Client: c.Client, Now: p.now})
	p.google = newGoogleTokens(p.env, p.now)
	p.azure = newAzureTokens(p.env, p.now)
	return p
}

// Close ends the connections that are kept.
func (p *Platform) Close() { p.client.CloseIdleConnections() }

// Finders returns the finders of every sink that can be looked into.
func (p *Platform) Finders() find.Drivers {
	d := find.Drivers{
		"file":   find.OpenFile,
		"sqlite": openSQLite,
		"stdout": find.Blind("a program's output cannot be looked into"),
		"https":  find.Blind("whoever has a forwarded event tells nobody"),
		"http":   find.Blind("whoever has a forwarded event tells nobody"),
	}
	for scheme, open := range awsfind.Drivers(p.aws) {
		d[scheme] = open
	}
	d[pubsub.Scheme] = gcpfind.PubSub(pubsub.Config{Emulator: p.env[pubsub.EmulatorVariable], Tokens: p.google, Client: p.client})
	for scheme, open := range azurefind.Drivers(azurefind.Config{
		Storage: storage.Config{
			ConnectionString: secret.New(p.env[storage.Variable]), Tokens: p.azure, Client: p.client, Now: p.now,
		},
		ServiceBus: servicebus.Config{
			ConnectionString: secret.New(p.env[servicebus.Variable]), Tokens: p.azure, Client: p.client, Now: p.now,
		},
		EventHubs: eventhubs.Config{ConnectionString: secret.New(p.env[eventhubs.Variable]), Tokens: p.azure},
	}) {
		d[scheme] = open
	}
	for _, scheme := range postgres.Schemes() {
		d[scheme] = postgresfind.Open(secret.New(p.env["DATABASE_URL"]))
	}
	for _, scheme := range kafka.Schemes() {
		d[scheme] = kafkafind.Open
	}
	return d
}

// Secret reads what a reference names, in any of the forms that the Terraform modules
// give. Errors hold no secret.
func (p *Platform) Secret(ctx context.Context, reference string) (secret.Text, error) {
	switch scheme, _, _ := strings.Cut(reference, ":"); {
	case scheme == "aws-secretsmanager", scheme == "aws-ssm":
		const variable = "DT_SIGNATURE_SECRET" // any that is a secret
		env, err := awssecrets.Resolve(ctx, settings.Environment{variable: reference}, p.aws)
		if err != nil {
			return secret.Text{}, fmt.Errorf("%w (a profile's credentials: eval \"$(aws configure export-credentials --format env)\")", err)
		}
		return secret.New(env[variable]), nil
	case scheme == "gcp-secretmanager", strings.HasPrefix(reference, "projects/"):
		return gcpsecrets.Read(ctx, gcpsecrets.Config{Tokens: p.google, Client: p.client}, reference)
	case scheme == "azure-keyvault", keyvault.IsReference(reference):
		return keyvault.Read(ctx, keyvault.Config{Tokens: p.azure, Client: p.client}, reference)
	case scheme == "heroku-config":
		return secret.Text{}, fmt.Errorf("read it yourself: export DT_SIGNATURE_SECRET=\"$(heroku config:get DT_SIGNATURE_SECRET --app NAME)\"")
	}
	return secret.Text{}, fmt.Errorf("it is in no secret store that dtfn can read; read it yourself into DT_SIGNATURE_SECRET or DT_SERVICE_ACCOUNT_SECRET")
}
