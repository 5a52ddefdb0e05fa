//go:build platforms && linux

package kafkafind_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkafind"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

func startBroker(t *testing.T) *kafkatest.Broker {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := kafkatest.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestApacheKafka(t *testing.T) {
	b := startBroker(t)
	var topics atomic.Int64
	newTopic := func(t *testing.T) kafka.Config {
		t.Helper()
		c := kafka.Config{Brokers: []string{b.Address()}, Topic: fmt.Sprintf("events-%d", topics.Add(1))}
		if err := kafkatest.CreateTopic(t.Context(), c.Brokers, c.Topic, 3, nil); err != nil {
			t.Fatal(err)
		}
		return c
	}
	secure := func(c kafka.Config, password string) kafka.Config {
		c.Brokers, c.TLS = []string{b.SecureAddress()}, b.TLS()
		c.SASL = kafka.SASL{Mechanism: kafka.ScramSHA512, User: secret.New(kafkatest.User), Password: secret.New(password)}
		return c
	}
	findtest.Run(t, findtest.Harness{
		New:         func(t *testing.T) findtest.Backend { return backend(newTopic(t)) },
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"may do nothing": {Open: func(t *testing.T) (find.Finder, error) {
				return kafkafind.New(secure(newTopic(t), kafkatest.Password)), nil
			}, Says: "allow it to READ and DESCRIBE"},
			"may write only": {Open: func(t *testing.T) (find.Finder, error) {
				c := newTopic(t)
				return kafkafind.New(secure(c, kafkatest.Password)), b.Allow(t.Context(), c.Topic)
			}, Says: "allow it to READ and DESCRIBE"},
			"another password": {Open: func(t *testing.T) (find.Finder, error) {
				return kafkafind.New(secure(newTopic(t), "another-MARK")), nil
			}, Says: "see the user, the password and sasl="},
		},
		Secrets: []string{"MARK", strings.ToLower(kafkatest.User)},
	})
}
