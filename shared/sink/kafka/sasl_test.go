package kafka_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

const (
	user     = "us3r-MARK"
	password = "p@ss/w0rd:MARK"
)

// newLogin returns a cluster that wants TLS and a login, and its configuration without
// one. The user can log in by one mechanism. Another, "reader", can read.
func newLogin(t testing.TB, mechanism string) (*kfake.Cluster, kafka.Config) {
	t.Helper()
	server, client := certificates(t)
	c := newFake(t, 1, kfake.TLS(server), kfake.EnableSASL(),
		kfake.Superuser(mechanism, user, password), kfake.Superuser(kafka.Plain, "reader", "reader"))
	config := config(c)
	config.TLS = client
	return c, config
}

func readWithLogin(t testing.TB, c kafka.Config) []sink.Message {
	t.Helper()
	msgs, err := kafkatest.Messages(t.Context(), c.Brokers, topic, kgo.DialTLSConfig(c.TLS),
		kgo.SASL(plain.Auth{User: "reader", Pass: "reader"}.AsMechanism()))
	must(t, err)
	return msgs
}

func TestLogin(t *testing.T) {
	for _, mechanism := range []string{kafka.Plain, kafka.ScramSHA256, kafka.ScramSHA512} {
		t.Run(mechanism, func(t *testing.T) {
			_, config := newLogin(t, mechanism)
			config.SASL = kafka.SASL{Mechanism: mechanism, User: secret.New(user), Password: secret.New(password)}
			must(t, publish(t.Context(), open(t, config), "1"))
			if msgs := readWithLogin(t, config); len(msgs) != 1 || msgs[0].ID != "1" {
				t.Errorf("stored %v", msgs)
			}
		})
	}
}

// A login that is refused shows nothing of it in the error, with a deadline and without
// one. This fake closes the connection of a wrong password; what Kafka answers is in
// TestLoginAllowedLater.
func TestLoginRefused(t *testing.T) {
	token := func(context.Context) (string, error) { return password, nil }
	for _, test := range []struct {
		name string
		sasl kafka.SASL
	}{
		{"PLAIN, password", kafka.SASL{Mechanism: kafka.Plain, User: secret.New("reader"), Password: secret.New(password)}},
		{"PLAIN, user", kafka.SASL{Mechanism: kafka.Plain, User: secret.New("nobody"), Password: secret.New(password)}},
		{"SCRAM, password", kafka.SASL{Mechanism: kafka.ScramSHA512, User: secret.New(user), Password: secret.New("another-" + password)}},
		{"SCRAM, user", kafka.SASL{Mechanism: kafka.ScramSHA512, User: secret.New("nobody"), Password: secret.New(password)}},
		{"SCRAM, mechanism", kafka.SASL{Mechanism: kafka.ScramSHA256, User: secret.New(user), Password: secret.New(password)}},
		{"OAUTHBEARER", kafka.SASL{Mechanism: kafka.OAuthBearer, Token: token}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, config := newLogin(t, kafka.ScramSHA512)
			config.SASL = test.sasl
			config.Timeout = time.Second
			s := open(t, config)
			for _, limit := range []time.Duration{500 * time.Millisecond, patience} {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				err := publish(ctx, s, "1")
				cancel()
				if err == nil || errors.Is(err, sink.ErrTooLarge) {
					t.Fatalf("got %v", err)
				}
				for _, text := range []string{user, "nobody", password} {
					secrettest.CheckHidden(t, "the error", err.Error(), text)
				}
			}
		})
	}
}

// A broker that repeats the login in its refusal does not bring it into the logs.
func TestLoginRepeatedByTheBroker(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.SASLAuthenticate, kmsg.SASLHandshake} {
		t.Run(key.Name(), func(t *testing.T) {
			t.Parallel()
			c, config := newLogin(t, kafka.Plain)
			config.SASL = kafka.SASL{Mechanism: kafka.Plain, User: secret.New(user), Password: secret.New(password)}
			config.Timeout = time.Second
			c.ControlKey(key.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				switch response := request.ResponseKind().(type) {
				case *kmsg.SASLAuthenticateResponse:
					response.ErrorCode = kerr.SaslAuthenticationFailed.Code
					response.ErrorMessage = kmsg.StringPtr("no user " + user + " with the password " + password)
					return response, nil, true
				case *kmsg.SASLHandshakeResponse:
					response.ErrorCode = kerr.UnsupportedSaslMechanism.Code
					response.SupportedMechanisms = []string{user, password}
					return response, nil, true
				}
				return nil, nil, false
			})
			err := publish(t.Context(), open(t, config), "1")
			if err == nil {
				t.Fatal("published without a login")
			}
			for _, text := range []string{user, password} {
				secrettest.CheckHidden(t, "the error", err.Error(), text)
			}
		})
	}
}

// A login that is corrected on the broker's side works without a new sink.
func TestLoginAllowedLater(t *testing.T) {
	c, config := newLogin(t, kafka.Plain)
	config.SASL = kafka.SASL{Mechanism: kafka.Plain, User: secret.New(user), Password: secret.New(password)}
	config.Timeout = time.Second
	s := open(t, config)
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SASLAuthenticate}, Err: kerr.SaslAuthenticationFailed, Count: -1, TopLevel: true})
	if err := publish(t.Context(), s, "1"); !errors.Is(err, kerr.SaslAuthenticationFailed) {
		t.Errorf("got %v", err)
	}
	fault.Remove()
	eventually(t, func() error { return publish(t.Context(), s, "2") })
	if msgs := readWithLogin(t, config); len(msgs) != 1 || msgs[0].ID != "2" {
		t.Errorf("stored %v", msgs)
	}
}

// A token that cannot be had: the error says why, and the next Publish asks again.
func TestToken(t *testing.T) {
	none := errors.New("no token today")
	for _, test := range []struct {
		name string
		err  error
	}{{"none", none}, {"empty", nil}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, config := newLogin(t, kafka.Plain)
			config.Timeout = time.Second
			c.ControlKey(kmsg.SASLHandshake.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				return request.ResponseKind(), nil, request.(*kmsg.SASLHandshakeRequest).Mechanism == kafka.OAuthBearer
			})
			var asked atomic.Int64
			config.SASL = kafka.SASL{Mechanism: kafka.OAuthBearer, Token: func(context.Context) (string, error) {
				asked.Add(1)
				return "", test.err
			}}
			s := open(t, config)
			eventually(t, func() error {
				err := publish(t.Context(), s, "1")
				if err == nil || !strings.Contains(err.Error(), "token") || test.err != nil && !errors.Is(err, test.err) {
					t.Errorf("got %v", err)
				}
				if asked.Load() < 2 {
					return errors.New("a token was not asked for again")
				}
				return nil
			})
		})
	}
}
