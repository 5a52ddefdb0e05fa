// Package platform gives dtfn doctor what is a platform's own: finders that look into
// its sinks, and its secret stores. Whoever runs it logs in as the platform's own
// command-line tool does, by variables of the environment.
package platform

import (
	"net/http"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/awsfind"
	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/gcp/gcpfind"
	"github.com/dt-functions/dt-functions/gcp/pubsub"
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
	client *http.Client
	aws    *awsapi.Client
	google *googleTokens
	azure  *azureTokens

	pubsub    pubsub.Config
	microsoft azurefind.Config
	database  secret.Text // DATABASE_URL
}

// New returns a Platform.
func New(c Config) *Platform {
	now := c.Now
	if now == nil {
		now = time.Now
	}
	client := c.Client
	if client == nil {
		client = &http.Client{Transport: transport()}
	}
	google, azure := newGoogleTokens(c.Env, now), newAzureTokens(c.Env, now)
	return &Platform{
		client: client, google: google, azure: azure,
		aws:    awsapi.New(awsapi.Config{Env: only(c.Env, "AWS_"), Client: c.Client, Now: now}),
		pubsub: pubsub.Config{Emulator: c.Env[pubsub.EmulatorVariable], Tokens: google, Client: client},
		microsoft: azurefind.Config{
			Storage:    storage.Config{ConnectionString: secret.New(c.Env[storage.Variable]), Tokens: azure, Client: client, Now: now},
			ServiceBus: servicebus.Config{ConnectionString: secret.New(c.Env[servicebus.Variable]), Tokens: azure, Client: client, Now: now},
			EventHubs:  eventhubs.Config{ConnectionString: secret.New(c.Env[eventhubs.Variable]), Tokens: azure},
		},
		database: secret.New(c.Env["DATABASE_URL"]),
	}
}

// only returns the variables whose names begin so: the logins of one platform are not
// another's business.
func only(env settings.Environment, prefix string) settings.Environment {
	some := make(settings.Environment)
	for name, value := range env {
		if strings.HasPrefix(name, prefix) {
			some[name] = value
		}
	}
	return some
}

// Close ends the connections that are kept.
func (p *Platform) Close() {
	p.client.CloseIdleConnections()
	p.aws.HTTP().CloseIdleConnections()
}

// Finders returns the finders of every sink that can be looked into.
func (p *Platform) Finders() find.Drivers {
	forwarded := find.Blind("whoever has a forwarded event tells nobody")
	d := find.Drivers{
		"file":        find.OpenFile,
		"sqlite":      openSQLite,
		"stdout":      find.Blind("a program's output cannot be looked into"),
		"https":       forwarded,
		"http":        forwarded,
		pubsub.Scheme: gcpfind.PubSub(p.pubsub),
	}
	for _, drivers := range []find.Drivers{awsfind.Drivers(p.aws), azurefind.Drivers(p.microsoft)} {
		for scheme, open := range drivers {
			d[scheme] = open
		}
	}
	for _, scheme := range postgres.Schemes() {
		d[scheme] = postgresfind.Open(p.database)
	}
	for _, scheme := range kafka.Schemes() {
		d[scheme] = kafkafind.Open
	}
	return d
}
