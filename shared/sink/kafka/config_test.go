package kafka_test

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

func TestNew(t *testing.T) {
	login := kafka.SASL{Mechanism: kafka.Plain, User: secret.New(user), Password: secret.New(password)}
	token := func(context.Context) (string, error) { return password, nil }
	for _, test := range []struct {
		name   string
		change func(*kafka.Config)
		want   string // part of the error; "" means that it is good
	}{
		{"as it is", func(*kafka.Config) {}, ""},
		{"several brokers", func(c *kafka.Config) { c.Brokers = []string{"a:1", "[::1]:65535", "10.0.0.1:9092", "a_b.example:9"} }, ""},
		{"longest topic", func(c *kafka.Config) { c.Topic = strings.Repeat("t", 249) }, ""},
		{"a topic's characters", func(c *kafka.Config) { c.Topic = "a.Z_0-9" }, ""},
		{"TLS", func(c *kafka.Config) { c.TLS = &tls.Config{} }, ""},
		{"login", func(c *kafka.Config) { c.TLS, c.SASL = &tls.Config{}, login }, ""},
		{"token", func(c *kafka.Config) {
			c.TLS, c.SASL = &tls.Config{}, kafka.SASL{Mechanism: kafka.OAuthBearer, Token: token}
		}, ""},
		{"shortest timeout", func(c *kafka.Config) { c.Timeout = time.Second }, ""},
		{"smallest batch", func(c *kafka.Config) { c.MaxBatchBytes = 1 << 10 }, ""},
		{"largest batch", func(c *kafka.Config) { c.MaxBatchBytes = 64 << 20 }, ""},

		{"no broker", func(c *kafka.Config) { c.Brokers = nil }, "no Kafka broker"},
		{"empty broker", func(c *kafka.Config) { c.Brokers = []string{"a:1", ""} }, "host:9092"},
		{"no port", func(c *kafka.Config) { c.Brokers = []string{"host"} }, "host:9092"},
		{"no host", func(c *kafka.Config) { c.Brokers = []string{":9092"} }, "host:9092"},
		{"IPv6 without brackets", func(c *kafka.Config) { c.Brokers = []string{"::1:9092"} }, "host:9092"},
		{"login in a broker", func(c *kafka.Config) { c.Brokers = []string{user + "@host:9092"} }, "host:9092"},
		{"URL as a broker", func(c *kafka.Config) { c.Brokers = []string{"kafka://" + user + ":" + password + "@host:9092"} }, "host:9092"},
		{"empty port", func(c *kafka.Config) { c.Brokers = []string{"host:"} }, "port"},
		{"port 0", func(c *kafka.Config) { c.Brokers = []string{"host:0"} }, "port"},
		{"port beyond", func(c *kafka.Config) { c.Brokers = []string{"host:65536"} }, "port"},
		{"port is a password", func(c *kafka.Config) { c.Brokers = []string{"host:MARK"} }, "port"},
		{"no topic", func(c *kafka.Config) { c.Topic = "" }, "topic"},
		{"topic .", func(c *kafka.Config) { c.Topic = "." }, "topic"},
		{"topic ..", func(c *kafka.Config) { c.Topic = ".." }, "topic"},
		{"topic too long", func(c *kafka.Config) { c.Topic = strings.Repeat("t", 250) }, "topic"},
		{"topic of other characters", func(c *kafka.Config) { c.Topic = "a/b" }, "topic"},
		{"topic with a line break", func(c *kafka.Config) { c.Topic = "a\n" }, "topic"},
		{"timeout too short", func(c *kafka.Config) { c.Timeout = time.Second - 1 }, "timeout"},
		{"negative timeout", func(c *kafka.Config) { c.Timeout = -time.Second }, "timeout"},
		{"batch too small", func(c *kafka.Config) { c.MaxBatchBytes = 1<<10 - 1 }, "batch"},
		{"batch too large", func(c *kafka.Config) { c.MaxBatchBytes = 64<<20 + 1 }, "batch"},
		{"negative batch", func(c *kafka.Config) { c.MaxBatchBytes = -1 }, "batch"},
		{"login without TLS", func(c *kafka.Config) { c.SASL = login }, "need TLS"},
		{"user alone", func(c *kafka.Config) { c.TLS, c.SASL = &tls.Config{}, kafka.SASL{User: login.User} }, "unknown SASL mechanism"},
		{"no user", func(c *kafka.Config) {
			c.TLS, c.SASL = &tls.Config{}, kafka.SASL{Mechanism: kafka.Plain, Password: login.Password}
		}, "needs a user and a password"},
		{"no password", func(c *kafka.Config) {
			c.TLS, c.SASL = &tls.Config{}, kafka.SASL{Mechanism: kafka.ScramSHA256, User: login.User}
		}, "needs a user and a password"},
		{"no token", func(c *kafka.Config) { c.TLS, c.SASL = &tls.Config{}, kafka.SASL{Mechanism: kafka.OAuthBearer} }, "tokens"},
		{"mechanism", func(c *kafka.Config) { c.TLS, c.SASL = &tls.Config{}, kafka.SASL{Mechanism: password} }, "unknown SASL mechanism"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := kafka.Config{Brokers: []string{"host:9092"}, Topic: topic}
			test.change(&c)
			s, err := kafka.New(c)
			switch {
			case err == nil && test.want != "":
				t.Error("is accepted")
			case err == nil:
				must(t, s.Close())
			case test.want == "" || !strings.Contains(err.Error(), test.want):
				t.Errorf("got %v", err)
			}
			if err != nil {
				checkHidden(t, err)
			}
		})
	}
}

// What the caller does with its configuration after New does not reach the sink.
func TestNewKeepsItsBrokers(t *testing.T) {
	c := config(newFake(t, 1))
	s := open(t, c)
	c.Brokers[0] = "host.invalid:1"
	must(t, publish(t.Context(), s, "1"))
}

// checkHidden checks that err has nothing of a login in it.
func checkHidden(t testing.TB, err error) {
	t.Helper()
	for _, text := range []string{user, password, "MARK"} {
		secrettest.CheckHidden(t, "the error", err.Error(), text)
	}
}
