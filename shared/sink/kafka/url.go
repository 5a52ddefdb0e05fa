package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// The schemes of Open's URLs.
const (
	schemePlain = "kafka"
	schemeTLS   = "kafkas"
)

// Schemes returns the schemes that Open takes, for [sink.Drivers].
func Schemes() []string { return []string{schemePlain, schemeTLS} }

// Open is the [sink.OpenFunc] of the schemes kafka and kafkas: the sink of what
// ConfigFromURL returns.
func Open(_ context.Context, u *url.URL) (sink.Sink, error) {
	c, err := ConfigFromURL(u)
	if err != nil {
		return nil, err
	}
	return New(c)
}

// ConfigFromURL returns what u says, one of
//
//	kafka://host:9092,host2:9092/topic
//	kafkas://user:password@host:9093/topic?sasl=scram-sha-512
//
// A port that is left out is 9092, with kafkas 9093. sasl is plain (also when it is
// left out), scram-sha-256 or scram-sha-512. More brokers may stand in the query
// too, as brokers=host2:9093%2Chost3:9093: net/url refuses a comma between hosts that
// is written %2C. Errors contain no part of u.
func ConfigFromURL(u *url.URL) (Config, error) {
	c := Config{Topic: strings.TrimPrefix(u.Path, "/")}
	port := "9092"
	switch u.Scheme {
	case schemePlain:
	case schemeTLS:
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		port = "9093"
	default:
		return Config{}, fmt.Errorf("the scheme of a Kafka sink's URL is not %s or %s", schemePlain, schemeTLS)
	}
	if u.Opaque != "" || u.Fragment != "" || c.Topic == "" {
		return Config{}, errors.New("a Kafka sink's URL is not of the form kafka://host:9092/topic")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, errors.New("the query of a Kafka sink's URL cannot be parsed")
	}
	for name := range query {
		if name != "sasl" && name != "brokers" {
			return Config{}, errors.New("the query of a Kafka sink's URL has a parameter that is not sasl or brokers")
		}
	}
	c.Brokers = splitBrokers(append([]string{u.Host}, query["brokers"]...), port)
	if c.SASL, err = saslFromURL(u.User, query["sasl"]); err != nil {
		return Config{}, err
	}
	return c, nil
}

// splitBrokers takes lists apart at their commas, and adds port where there is none.
func splitBrokers(lists []string, port string) []string {
	var brokers []string
	for _, list := range lists {
		list = strings.ReplaceAll(strings.ReplaceAll(list, "%2C", ","), "%2c", ",")
		for broker := range strings.SplitSeq(list, ",") {
			if broker != "" && !strings.Contains(broker[strings.LastIndex(broker, "]")+1:], ":") {
				broker += ":" + port
			}
			brokers = append(brokers, broker)
		}
	}
	return brokers
}

func saslFromURL(user *url.Userinfo, names []string) (SASL, error) {
	if user == nil {
		if len(names) > 0 {
			return SASL{}, errors.New("a Kafka sink's URL has the parameter sasl, but no user and password")
		}
		return SASL{}, nil
	}
	password, _ := user.Password()
	s := SASL{Mechanism: Plain, User: secret.New(user.Username()), Password: secret.New(password)}
	switch {
	case len(names) == 0:
	case len(names) > 1:
		return SASL{}, errors.New("a Kafka sink's URL has the parameter sasl more than once")
	default:
		s.Mechanism = strings.ToUpper(names[0])
	}
	if s.Mechanism == OAuthBearer {
		return SASL{}, errors.New("a Kafka sink's URL cannot have sasl=oauthbearer: want plain, scram-sha-256 or scram-sha-512")
	}
	return s, s.check()
}
