package kafkafind_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkafind"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

const topic = "events"

// newFake returns a cluster of two brokers whose topic has three partitions.
func newFake(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(2), kfake.SeedTopics(3, topic)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// backend is a topic that is reached as c says.
func backend(c kafka.Config) findtest.Backend {
	elsewhere := c
	elsewhere.Topic = "absent"
	return findtest.Backend{
		Open:       func() (find.Finder, error) { return kafkafind.New(c), nil },
		OpenAbsent: func() (find.Finder, error) { return kafkafind.New(elsewhere), nil },
		Publish: func(ctx context.Context, m sink.Message) error {
			s, err := kafka.New(c)
			if err != nil {
				return err
			}
			defer s.Close()
			_, err = s.Publish(ctx, []sink.Message{m})
			return err
		},
		Left: func(ctx context.Context) ([]string, error) {
			all, err := kafkatest.Messages(ctx, c.Brokers, c.Topic)
			var ids []string
			for _, m := range all {
				ids = append(ids, m.ID)
			}
			return ids, err
		},
	}
}

// finder opens the finder of a URL, as DT_SINK has it.
func finder(rawURL string) func(*testing.T) (find.Finder, error) {
	return func(*testing.T) (find.Finder, error) {
		d := find.Drivers{}
		for _, scheme := range kafka.Schemes() {
			d[scheme] = kafkafind.Open
		}
		return d.Open(rawURL)
	}
}

func TestConformance(t *testing.T) {
	refusing := func(key kmsg.Key, err *kerr.Error) func(*testing.T) (find.Finder, error) {
		return func(t *testing.T) (find.Finder, error) {
			c := newFake(t)
			c.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: err, Count: -1})
			return kafkafind.New(kafka.Config{Brokers: c.ListenAddrs(), Topic: topic}), nil
		}
	}
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			return backend(kafka.Config{Brokers: newFake(t).ListenAddrs(), Topic: topic})
		},
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"may not describe":        {Open: refusing(kmsg.Metadata, kerr.TopicAuthorizationFailed), Says: "allow it to READ and DESCRIBE"},
			"may not ask for the end": {Open: refusing(kmsg.ListOffsets, kerr.TopicAuthorizationFailed), Says: "allow it to READ and DESCRIBE"},
			"may not read":            {Open: refusing(kmsg.Fetch, kerr.TopicAuthorizationFailed), Says: "allow it to READ and DESCRIBE"},
			"nobody there":            {Open: finder("kafka://127.0.0.1:1/events"), Says: "cannot be"},
			"the broker wants TLS": {Open: func(t *testing.T) (find.Finder, error) {
				server, _ := certificates(t)
				return kafkafind.New(kafka.Config{Brokers: newFake(t, kfake.TLS(server)).ListenAddrs(), Topic: topic}), nil
			}, Says: "see whether it wants TLS"},
			"login without TLS":   {Open: finder("kafka://user:marked@127.0.0.1:1/events"), Says: "need TLS"},
			"no topic in the URL": {Open: finder("kafkas://user:marked@127.0.0.1:1/"), Says: "not of the form"},
			"other mechanism":     {Open: finder("kafkas://user:marked@127.0.0.1:1/events?sasl=marked"), Says: "unknown SASL mechanism"},
		},
		Secrets: []string{"marked"},
	})
}

// certificates returns what a broker of 127.0.0.1 and its clients need for TLS.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

func login(mechanism, password string) kafka.SASL {
	return kafka.SASL{Mechanism: mechanism, User: secret.New("user-marked"), Password: secret.New(password)}
}

// What a broker says of a login that it refuses is not shown: some repeat the user.
func TestLoginRefused(t *testing.T) {
	server, client := certificates(t)
	for _, mechanism := range []string{kafka.Plain, kafka.ScramSHA256, kafka.ScramSHA512} {
		t.Run(mechanism, func(t *testing.T) {
			c := newFake(t, kfake.TLS(server), kfake.EnableSASL(), kfake.Superuser(mechanism, "user-marked", "password-marked"))
			config := kafka.Config{Brokers: c.ListenAddrs(), Topic: topic, TLS: client, SASL: login(mechanism, "password-marked")}
			f := kafkafind.New(config)
			if err := f.Prepare(t.Context()); err != nil {
				t.Errorf("the right password: %v", err)
			}
			if err := f.Close(t.Context()); err != nil {
				t.Error(err)
			}
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.SASLAuthenticate}, Err: kerr.SaslAuthenticationFailed, Count: -1, TopLevel: true})
			f = kafkafind.New(config)
			err := f.Prepare(t.Context())
			if !errors.Is(err, kafkafind.ErrRefused) || !strings.Contains(err.Error(), "see the user, the password and sasl=") || strings.Contains(err.Error(), "marked") {
				t.Errorf("refused: %v", err)
			}
			if err := f.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A broker that goes away while an event is looked for is no reason to give up before
// the time is over.
func TestBrokerAway(t *testing.T) {
	c := newFake(t)
	f := kafkafind.New(kafka.Config{Brokers: c.ListenAddrs(), Topic: topic})
	if err := f.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close(t.Context()) }()
	c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := f.Find(ctx, "own"); !errors.Is(err, find.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, text := range []string{
		"kafka://host:9092/topic", "kafkas://u:marked@host/topic?sasl=scram-sha-512", "kafka://%zz", "kafkas://u:marked@h,h2/t?brokers=x", "kafka:",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		finder, err := kafkafind.Open(u)
		if (finder == nil) != (err != nil) {
			t.Errorf("finder %v, error %v", finder, err)
		}
		if password, _ := u.User.Password(); err != nil && len(password) > 8 && strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	})
}
