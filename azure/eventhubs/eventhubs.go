// Package eventhubs is the sink for Azure Event Hubs: each event is published to the
// hub's Kafka endpoint ("Azure Event Hubs for Apache Kafka"). The sink is package
// kafka's; what is Azure's is where the endpoint is and how to log in there.
package eventhubs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/azure/buskey"
	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// Scheme is that of the sink's URLs: azure-eventhubs://namespace.servicebus.windows.net/hub
	Scheme = "azure-eventhubs"
	// Variable is the name of the variable that a connection string is in.
	Variable = "AZURE_EVENTHUBS_CONNECTION_STRING"

	// port is that of the Kafka endpoint; it speaks TLS only.
	port = "9093"
	// connectionUser is the user name that goes with a connection string.
	connectionUser = "$ConnectionString"
)

// Config says how namespaces are reached.
type Config struct {
	// ConnectionString is that of the namespace or the hub that sinks name (Variable).
	// Zero means that Tokens are used.
	ConnectionString secret.Text
	// Tokens are the managed identity's. Required.
	Tokens rest.TokenSource
}

// An endpoint is where events go, and as whom.
type endpoint struct {
	broker   string // host and port
	hub      string
	password secret.Text                                    // for SASL PLAIN
	token    func(ctx context.Context) (secret.Text, error) // for SASL OAUTHBEARER; nil when there is a password
}

func parse(u *url.URL, c Config) (endpoint, error) {
	host, hub := strings.ToLower(u.Host), strings.Trim(u.Path, "/")
	namespace, rest, _ := strings.Cut(host, ".")
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "":
		return endpoint{}, errors.New("has more than a host and a hub; credentials are not part of the URL")
	case namespace == "" || !strings.HasPrefix(rest, "servicebus."):
		return endpoint{}, errors.New("names no namespace; want namespace.servicebus.windows.net as the host")
	case hub == "" || len(hub) > 249 || strings.Trim(hub, hubCharacters) != "":
		return endpoint{}, errors.New("names no event hub; want /hub as the path, of at most 249 letters, digits and . - _")
	}
	e := endpoint{broker: host + ":" + port, hub: hub}
	if c.ConnectionString.IsZero() {
		e.token = func(ctx context.Context) (secret.Text, error) {
			// A namespace's own address is what its Kafka endpoint's tokens are for.
			return c.Tokens.Token(ctx, "https://"+host)
		}
		return e, nil
	}
	key, err := buskey.Parse(c.ConnectionString.Reveal())
	switch {
	case err != nil:
		return endpoint{}, fmt.Errorf("%s %w; want Endpoint=sb://…/;SharedAccessKeyName=…;SharedAccessKey=…, or remove it to use the managed identity", Variable, err)
	case key.Host != host:
		return endpoint{}, fmt.Errorf("is of the namespace %s, but %s is of another; they must be the same", host, Variable)
	case key.Entity != "" && key.Entity != hub:
		return endpoint{}, fmt.Errorf("is of the hub %s, but %s is of another (EntityPath); they must be the same", hub, Variable)
	}
	e.password = c.ConnectionString
	return e, nil
}

const hubCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
