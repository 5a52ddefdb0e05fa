//go:build platforms

package kafka_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

// A user who may not write yet is told so, and the same sink works as soon as the user
// may. Nothing of a login is in an error.
func TestApacheKafkaLogin(t *testing.T) {
	b := startBroker(t)
	for _, mechanism := range []string{kafka.Plain, kafka.ScramSHA512} {
		t.Run(mechanism, func(t *testing.T) {
			direct := newTopic(t, b, 1, nil)
			c := kafka.Config{
				Brokers: []string{b.SecureAddress()}, Topic: direct.Topic, TLS: b.TLS(), Timeout: 2 * time.Second,
				SASL: kafka.SASL{Mechanism: mechanism, User: secret.New(kafkatest.User), Password: secret.New(kafkatest.Password)},
			}
			s := open(t, c)
			err := publish(t.Context(), s, "forbidden")
			if !errors.Is(err, kerr.TopicAuthorizationFailed) && !errors.Is(err, kerr.ClusterAuthorizationFailed) {
				t.Errorf("not allowed yet: %v", err)
			}
			must(t, b.Allow(t.Context(), c.Topic))
			eventually(t, func() error { return publish(t.Context(), s, "allowed") })
			if ids := kafkaIDs(t, direct.Brokers, c.Topic); len(ids) != 1 || !ids["allowed"] {
				t.Errorf("stored %v", ids)
			}
			c.SASL.Password = secret.New("another-MARK")
			err = publish(t.Context(), open(t, c), "refused")
			if !errors.Is(err, kerr.SaslAuthenticationFailed) {
				t.Fatalf("another password: %v", err)
			}
			for _, text := range []string{kafkatest.User, "MARK"} {
				secrettest.CheckHidden(t, "the error", err.Error(), text)
			}
		})
	}
}
