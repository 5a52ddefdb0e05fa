package kafka

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	clientID = "dt-functions"

	dialTimeout = 5 * time.Second
	// How long the brokers may take to have a message on all replicas, and how much
	// longer the answer may take to come.
	ackTimeout      = 5 * time.Second
	networkOverhead = 2 * time.Second
	// How soon to look for a partition's new leader. The default of 5 s is most of
	// the time that a webhook has.
	metadataMinAge = 250 * time.Millisecond
)

// newClient returns a client that connects when it is used.
func newClient(c Config, trouble *trouble) (*kgo.Client, error) {
	opts := append(c.reach(),
		kgo.ClientID(clientID),
		kgo.WithHooks(trouble),
		kgo.MetadataMinAge(metadataMinAge),
		kgo.RequestTimeoutOverhead(networkOverhead),
		// Of what is asked before a message can be sent. Messages wait for the answer
		// however old they are.
		kgo.RetryTimeout(c.Timeout),

		// The default of 10 ms would be added to every webhook's answer. What is published
		// while a request is under way goes together into the next one anyway.
		kgo.ProducerLinger(0),

		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProduceRequestTimeout(ackTimeout),
		// A message whose time is over is dropped, also when the brokers may have it
		// already. Otherwise messages that nobody waits for would fill the memory
		// while the brokers are away, and be stored late, after the newer ones that
		// were sent in their place. The price is no new one: Publish has failed, so
		// the message is published again, and may be stored twice in any case.
		kgo.RecordDeliveryTimeout(c.Timeout),
		kgo.AllowIdempotentProduceCancellation(),
		kgo.ProducerBatchMaxBytes(int32(c.MaxBatchBytes)),
		// More than fit into room, which is where Publish waits.
		kgo.MaxBufferedRecords(roomUnits+1),
		// Event Hubs refuses compressed batches in most tiers, and what the brokers
		// compare with max.message.bytes is then what the client compares.
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("making a Kafka client: %w", err)
	}
	return client, nil
}

// trouble keeps why the last connection failed. franz-go tries again and again, and
// who stops waiting would learn nothing of the cause.
type trouble struct {
	last atomic.Pointer[error]
}

// OnBrokerConnect implements [kgo.HookBrokerConnect].
func (t *trouble) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	t.note(err)
}

// OnBrokerE2E implements [kgo.HookBrokerE2E].
func (t *trouble) OnBrokerE2E(_ kgo.BrokerMetadata, _ int16, e2e kgo.BrokerE2E) {
	t.note(e2e.Err())
}

func (t *trouble) note(err error) {
	if err == nil {
		t.last.Store(nil)
		return
	}
	t.last.Store(&err)
}

// explain adds to err what is known of its cause.
func (t *trouble) explain(err error) error {
	last := t.last.Load()
	if last == nil || errors.Is(err, *last) {
		return err
	}
	return fmt.Errorf("%w (last: %w)", err, plainError(*last))
}

// plainError leaves out what a broker says of a login that it refuses: some repeat
// the user's name.
func plainError(err error) error {
	for _, refused := range []*kerr.Error{kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism} {
		if errors.Is(err, refused) {
			return fmt.Errorf("the Kafka broker refuses the credentials or the SASL mechanism: %w", refused)
		}
	}
	return err
}
