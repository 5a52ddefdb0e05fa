package kafka

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Reach returns the options of a client that reaches c's brokers and logs in as c says,
// for whoever reads what the sink has published.
func Reach(c Config) ([]kgo.Opt, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.reach(), nil
}

// reach returns those options. c has been checked.
func (c Config) reach() []kgo.Opt {
	opts := []kgo.Opt{kgo.SeedBrokers(slices.Clone(c.Brokers)...), kgo.DialTimeout(dialTimeout)}
	if c.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(c.TLS.Clone()))
	}
	if !c.SASL.isZero() {
		opts = append(opts, kgo.SASL(c.SASL.mechanism()))
	}
	return opts
}
