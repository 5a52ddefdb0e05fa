package eventhubs

import (
	"context"
	"crypto/tls"
	"net/url"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

// maxRequest is the longest request, in bytes, that is sent: Event Hubs closes
// connections on those above 1,046,528, and asks clients to stay at this ("Recommended
// configurations for Apache Kafka clients").
const maxRequest = 1_000_000

// Opener returns what opens such sinks, in namespaces that c reaches.
func Opener(c Config) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		k, err := KafkaConfig(u, c)
		if err != nil {
			return nil, err
		}
		return kafka.New(k)
	}
}

// KafkaConfig returns how the hub that u names is reached as a topic of Kafka.
func KafkaConfig(u *url.URL, c Config) (kafka.Config, error) {
	e, err := parse(u, c)
	if err != nil {
		return kafka.Config{}, err
	}
	return kafka.Config{
		Brokers: []string{e.broker}, Topic: e.hub, MaxBatchBytes: maxRequest,
		TLS:  &tls.Config{MinVersion: tls.VersionTLS12},
		SASL: e.sasl(),
	}, nil
}

func (e endpoint) sasl() kafka.SASL {
	if e.token == nil {
		return kafka.SASL{Mechanism: kafka.Plain, User: secret.New(connectionUser), Password: e.password}
	}
	return kafka.SASL{Mechanism: kafka.OAuthBearer, Token: func(ctx context.Context) (string, error) {
		token, err := e.token(ctx)
		return token.Reveal(), err
	}}
}
