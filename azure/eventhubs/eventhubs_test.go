package eventhubs_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

type tokens struct{}

func (tokens) Token(_ context.Context, resource string) (secret.Text, error) {
	return secret.New("token for " + resource), nil
}

const (
	address    = "azure-eventhubs://NS.servicebus.windows.net/events"
	connection = "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=marked-key"
)

func parse(t *testing.T, rawURL, connection string) (kafka.Config, error) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return eventhubs.KafkaConfig(u, eventhubs.Config{ConnectionString: secret.New(connection), Tokens: tokens{}})
}

func TestIdentity(t *testing.T) {
	k, err := parse(t, address, "")
	if err != nil || !slices.Equal(k.Brokers, []string{"ns.servicebus.windows.net:9093"}) || k.Topic != "events" || k.TLS == nil || k.SASL.Mechanism != kafka.OAuthBearer {
		t.Fatalf("%+v, %v", k, err)
	}
	token, err := k.SASL.Token(t.Context())
	if err != nil || token != "token for https://ns.servicebus.windows.net" {
		t.Errorf("%q, %v", token, err)
	}
}

func TestConnectionString(t *testing.T) {
	for _, c := range []string{connection, connection + ";EntityPath=events"} {
		k, err := parse(t, address, c)
		if err != nil || k.SASL.Mechanism != kafka.Plain || k.SASL.User.Reveal() != "$ConnectionString" || k.SASL.Password.Reveal() != c || k.SASL.Token != nil {
			t.Errorf("%+v, %v", k, err)
		}
		secrettest.CheckHidden(t, "the configuration", fmt.Sprintf("%+v %#v", k.SASL, k.SASL), "marked-key")
	}
}

// The sink connects to nothing before the first event.
func TestOpen(t *testing.T) {
	for _, c := range []string{"", connection} {
		d := sink.Drivers{eventhubs.Scheme: eventhubs.Opener(eventhubs.Config{ConnectionString: secret.New(c), Tokens: tokens{}})}
		s, err := d.Open(t.Context(), []string{address})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRefuses(t *testing.T) {
	tests := map[string]struct{ url, connection, want string }{
		"no hub":          {"azure-eventhubs://ns.servicebus.windows.net/", "", "names no event hub"},
		"two hubs":        {"azure-eventhubs://ns.servicebus.windows.net/a/b", "", "names no event hub"},
		"no namespace":    {"azure-eventhubs:///events", "", "names no namespace"},
		"other host":      {"azure-eventhubs://example.com/events", "", "names no namespace"},
		"password":        {"azure-eventhubs://a:marked-key@ns.servicebus.windows.net/events", "", "credentials are not part"},
		"options":         {address + "?x=marked-key", "", "more than a host and a hub"},
		"port":            {"azure-eventhubs://ns.servicebus.windows.net:9093/events", "", "more than a host and a hub"},
		"other namespace": {address, strings.ReplaceAll(connection, "ns.", "other."), "of another"},
		"other hub":       {address, connection + ";EntityPath=other", "EntityPath"},
		"no key":          {address, "Endpoint=sb://ns.servicebus.windows.net/", "no SharedAccessKey"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, test.url, test.connection)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q in it", err, test.want)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-key")
		})
	}
}
