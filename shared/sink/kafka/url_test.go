package kafka_test

import (
	"context"
	"crypto/tls"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

// login is the user and the password as a URL has them.
var login = url.UserPassword(user, password).String()

func TestConfigFromURL(t *testing.T) {
	for _, test := range []struct {
		url       string
		brokers   string
		topic     string
		tls       bool
		mechanism string
	}{
		{"kafka://host/events", "host:9092", "events", false, ""},
		{"kafka://host:19092/events", "host:19092", "events", false, ""},
		{"kafka://host:9092,host2:9092/events", "host:9092 host2:9092", "events", false, ""},
		{"kafka://a,b,c/events", "a:9092 b:9092 c:9092", "events", false, ""},
		{"kafka://a,b:1/events", "a:9092 b:1", "events", false, ""},
		{"kafka://10.0.0.1/events", "10.0.0.1:9092", "events", false, ""},
		{"kafka://[::1]/events", "[::1]:9092", "events", false, ""},
		{"kafka://[::1]:1/events", "[::1]:1", "events", false, ""},
		{"kafka://a/events?brokers=b", "a:9092 b:9092", "events", false, ""},
		{"kafka://a/events?brokers=b%2Cc:1&brokers=[::1]", "a:9092 b:9092 c:1 [::1]:9092", "events", false, ""},
		{"kafka://host/a.B_0-9", "host:9092", "a.B_0-9", false, ""},
		{"KAFKA://host/events", "host:9092", "events", false, ""},
		{"kafkas://host/events", "host:9093", "events", true, ""},
		{"kafkas://a,b:1/events?brokers=c", "a:9093 b:1 c:9093", "events", true, ""},
		{"kafkas://" + login + "@host/events", "host:9093", "events", true, kafka.Plain},
		{"kafkas://" + login + "@host:1,b:2/events?sasl=plain", "host:1 b:2", "events", true, kafka.Plain},
		{"kafkas://" + login + "@host/events?sasl=scram-sha-256", "host:9093", "events", true, kafka.ScramSHA256},
		{"kafkas://" + login + "@host/events?sasl=scram-sha-512", "host:9093", "events", true, kafka.ScramSHA512},
		{"kafkas://" + login + "@host/events?sasl=SCRAM-SHA-512", "host:9093", "events", true, kafka.ScramSHA512},
	} {
		t.Run(test.url, func(t *testing.T) {
			c, err := kafka.ConfigFromURL(parse(t, test.url))
			must(t, err)
			if got := strings.Join(c.Brokers, " "); got != test.brokers || c.Topic != test.topic {
				t.Errorf("brokers %s, topic %s", got, c.Topic)
			}
			if (c.TLS != nil) != test.tls || test.tls && (c.TLS.MinVersion < tls.VersionTLS12 || c.TLS.InsecureSkipVerify) {
				t.Errorf("TLS %+v", c.TLS)
			}
			wantUser, wantPassword := user, password
			if test.mechanism == "" {
				wantUser, wantPassword = "", ""
			}
			if s := c.SASL; s.Mechanism != test.mechanism || s.User.Reveal() != wantUser || s.Password.Reveal() != wantPassword || s.Token != nil {
				t.Errorf("SASL %+v", s)
			}
			s, err := kafka.New(c)
			must(t, err)
			must(t, s.Close())
		})
	}
}

// What is refused, and that no error tells anything of the login.
func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct{ name, url, want string }{
		{"no topic", "kafkas://" + login + "@host", "kafka://host:9092/topic"},
		{"empty topic", "kafkas://" + login + "@host/", "kafka://host:9092/topic"},
		{"path", "kafkas://" + login + "@host/a/b", "topic"},
		{"login as the topic", "kafkas://host/" + login, "topic"},
		{"opaque", "kafkas:" + login + "@host/events", "kafka://host:9092/topic"},
		{"fragment", "kafkas://" + login + "@host/events#MARK", "kafka://host:9092/topic"},
		{"no host", "kafkas:///events", "host:9092"},
		{"login without a host", "kafkas://" + login + "@/events", "host:9092"},
		{"brokers in the query alone", "kafka:///events?brokers=host", "host:9092"},
		{"port alone", "kafka://:9092/events", "host:9092"},
		{"empty host between", "kafka://a,,b/events", "host:9092"},
		{"empty host at the end", "kafka://a,/events", "host:9092"},
		{"empty brokers", "kafka://a/events?brokers=", "host:9092"},
		{"port 0", "kafka://a:0/events", "port"},
		{"port beyond", "kafka://a:65536/events", "port"},
		{"login in brokers", "kafkas://a/events?brokers=" + url.QueryEscape(user+":"+password+"@host"), "host:9092"},
		{"user in brokers", "kafkas://a/events?brokers=" + url.QueryEscape(user+"@host"), "host:9092"},
		{"password as a port", "kafkas://a/events?brokers=host:MARK", "port"},
		{"query", "kafkas://" + login + "@host/events?sasl=%zzMARK", "query"},
		{"semicolon", "kafkas://" + login + "@host/events?a;MARK", "query"},
		{"unknown parameter", "kafkas://" + login + "@host/events?MARK=MARK", "parameter"},
		{"parameter in capitals", "kafkas://" + login + "@host/events?SASL=plain", "parameter"},
		{"unknown mechanism", "kafkas://" + login + "@host/events?sasl=MARK", "mechanism"},
		{"empty mechanism", "kafkas://" + login + "@host/events?sasl=", "mechanism"},
		{"two mechanisms", "kafkas://" + login + "@host/events?sasl=plain&sasl=plain", "more than once"},
		{"OAUTHBEARER", "kafkas://" + login + "@host/events?sasl=oauthbearer", "oauthbearer"},
		{"mechanism without a login", "kafkas://host/events?sasl=plain", "no user and password"},
		{"no password", "kafkas://" + user + "@host/events", "needs a user and a password"},
		{"empty password", "kafkas://" + user + ":@host/events", "needs a user and a password"},
		{"no user", "kafkas://:MARK@host/events", "needs a user and a password"},
		{"empty login", "kafkas://@host/events", "needs a user and a password"},
		{"login without TLS", "kafka://" + login + "@host/events", "need TLS"},
		{"another scheme", "https://" + login + "@host/events", "scheme"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := kafka.Open(t.Context(), parse(t, test.url))
			if err == nil {
				must(t, s.Close())
				t.Fatal("is opened")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			checkHidden(t, err)
		})
	}
}

// The drivers as a program has them: the URL's list of hosts passes net/url and the
// opener.
func TestOpen(t *testing.T) {
	drivers := sink.Drivers{}
	for _, scheme := range kafka.Schemes() {
		drivers[scheme] = kafka.Open
	}
	c := newFake(t, 1)
	address := c.ListenAddrs()[0]
	s, err := drivers.Open(t.Context(), []string{"kafka://" + address + "," + address + "/" + topic})
	must(t, err)
	defer s.Close()
	must(t, publish(t.Context(), s, "1"))
	if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"1"}) {
		t.Errorf("stored %q", got)
	}
	if s, err := drivers.Open(context.Background(), []string{"kafkas://" + login + "@host/events?sasl=MARK"}); err == nil {
		t.Error("is opened", s.Close())
	} else {
		checkHidden(t, err)
	}
}

// Whatever a URL says, a configuration that is accepted has brokers of the form
// host:port, and an error has nothing of the login in it.
func FuzzConfigFromURL(f *testing.F) {
	for _, text := range []string{
		"kafka://host:9092,host2:9092/topic", "kafkas://u:p@[::1]/t?sasl=scram-sha-512&brokers=a%2Cb:1", "kafka://a,,b/t", "kafka:t", "kafkas://u@h/t#f",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		if u.User != nil {
			u.User = url.UserPassword(user, password)
		}
		c, err := kafka.ConfigFromURL(u)
		if err == nil {
			var s sink.Sink
			if s, err = kafka.New(c); err == nil {
				must(t, s.Close())
			}
		}
		if err != nil {
			for _, text := range []string{user, password} {
				if strings.Contains(err.Error(), text) {
					t.Errorf("shows the login: %v", err)
				}
			}
			return
		}
		for _, broker := range c.Brokers {
			if b, err := url.Parse("kafka://" + broker); err != nil || b.Hostname() == "" || b.Port() == "" || b.User != nil || b.Path != "" {
				t.Errorf("broker %q", broker)
			}
		}
		if u.User != nil && (c.TLS == nil || c.SASL.Password.Reveal() != password) {
			t.Errorf("the login of %q: TLS %v, mechanism %q", text, c.TLS != nil, c.SASL.Mechanism)
		}
	})
}

func parse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	must(t, err)
	return u
}
