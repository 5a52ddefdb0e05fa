package kafka

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Config says where events go. Brokers and Topic are required.
type Config struct {
	// Brokers are the bootstrap servers, each "host:port". One that answers is
	// enough: it names the others.
	Brokers []string
	// Topic must exist: it is never created.
	Topic string
	// TLS is how to speak to the brokers; nil means without TLS, which loopback and
	// private networks alone may carry. An empty one uses the system's roots.
	TLS *tls.Config
	// SASL is how to log in; the zero value is not at all. It needs TLS.
	SASL SASL
	// Timeout is how long a message is tried, 8 s if 0, 1 s or more. It bounds a
	// Publish whose context has no deadline, roughly: an answer that is being waited
	// for is waited for.
	Timeout time.Duration
	// MaxBatchBytes is the topic's max.message.bytes: the longest record batch that
	// the brokers take, and so what the longest message is. 1,048,588 if 0, Kafka's
	// own default (message.max.bytes in its broker configuration).
	MaxBatchBytes int
}

const (
	defaultTimeout       = 8 * time.Second
	defaultMaxBatchBytes = 1048588

	// What franz-go accepts.
	leastTimeout    = time.Second
	leastBatchBytes = 1 << 10
	mostBatchBytes  = 64 << 20
)

// What a host that is not an IP address may be called. Errors of connections name it,
// so that nothing else may be in its place, such as "password@host".
var hostName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// What Kafka accepts (org.apache.kafka.common.internals.Topic).
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// New returns the sink of c. It connects to nothing: that is left to the first
// Publish.
func New(c Config) (sink.Sink, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Brokers = slices.Clone(c.Brokers)
	return newProducer(c), nil
}

func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.MaxBatchBytes = cmp.Or(c.MaxBatchBytes, defaultMaxBatchBytes)
	return c
}

func (c Config) check() error {
	if len(c.Brokers) == 0 {
		return errors.New("no Kafka broker: want one or more of the form host:9092")
	}
	for _, broker := range c.Brokers {
		if err := checkBroker(broker); err != nil {
			return err
		}
	}
	switch {
	case !topicName.MatchString(c.Topic) || c.Topic == "." || c.Topic == "..":
		return errors.New("the Kafka topic's name must have 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'")
	case c.Timeout < leastTimeout:
		return fmt.Errorf("the Kafka sink's timeout is %s: want %s or more", c.Timeout, leastTimeout)
	case c.MaxBatchBytes < leastBatchBytes || c.MaxBatchBytes > mostBatchBytes:
		return fmt.Errorf("the Kafka topic's longest batch is %d bytes: want %d to %d", c.MaxBatchBytes, leastBatchBytes, mostBatchBytes)
	case c.SASL.isZero():
		return nil
	case c.TLS == nil:
		return errors.New("SASL credentials for Kafka need TLS (kafkas://): without it they could be read on the way")
	}
	return c.SASL.check()
}

// checkBroker does not quote broker: it may be a part of a URL that was taken
// apart wrongly, and so a secret.
func checkBroker(broker string) error {
	host, port, err := net.SplitHostPort(broker)
	if err == nil && !hostName.MatchString(host) {
		_, err = netip.ParseAddr(host)
	}
	if err != nil {
		return errors.New("a Kafka broker is not of the form host:9092")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return errors.New("a Kafka broker's port is not a number from 1 to 65535")
	}
	return nil
}
