//go:build platforms

package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// startBroker returns an Apache Kafka of the test's own.
func startBroker(t *testing.T, settings ...string) *kafkatest.Broker {
	t.Helper()
	if os.Getenv(kafkatest.HomeVariable) == "" {
		t.Fatalf("%s is not set: `export $(tools/install-kafka.sh | tail -n 1)` installs Apache Kafka and sets it", kafkatest.HomeVariable)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := kafkatest.Start(ctx, settings...)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return b
}

var topics atomic.Int64

// newTopic makes a topic and returns the configuration of its sink.
func newTopic(t *testing.T, b *kafkatest.Broker, partitions int32, configs map[string]string) kafka.Config {
	t.Helper()
	c := kafka.Config{Brokers: []string{b.Address()}, Topic: fmt.Sprintf("events-%d", topics.Add(1))}
	must(t, kafkatest.CreateTopic(t.Context(), c.Brokers, c.Topic, partitions, configs))
	return c
}

func TestApacheKafkaConformance(t *testing.T) {
	b := startBroker(t)
	sinktest.Run(t, sinktest.Harness{
		KeepsID: true, KeepsKey: true, KeepsAttributes: true,
		New: func(t *testing.T) sinktest.Backend {
			c := newTopic(t, b, 3, map[string]string{"max.message.bytes": fmt.Sprint(batchBytes)})
			c.MaxBatchBytes = batchBytes
			return sinktest.Backend{
				Open: func(context.Context) (sink.Sink, error) { return kafka.New(c) },
				Stored: func(ctx context.Context) ([]sink.Message, error) {
					return kafkatest.Messages(ctx, c.Brokers, c.Topic)
				},
			}
		},
	})
}

// What the client lets through by the default limit is what a topic with the default
// limit takes. The client counts a few bytes more than there are.
func TestApacheKafkaDefaultLimit(t *testing.T) {
	b := startBroker(t)
	c := newTopic(t, b, 1, nil)
	s := open(t, c)
	longest := longestData(t, s)
	// With a limit of its own that is wrong, the broker is who refuses.
	c.MaxBatchBytes = batchBytes
	if got := longestData(t, open(t, c)); got < longest || got > longest+8 {
		t.Errorf("the broker takes %d bytes of data, the client %d", got, longest)
	}
}

func TestApacheKafkaUnknownTopic(t *testing.T) {
	b := startBroker(t)
	s := open(t, kafka.Config{Brokers: []string{b.Address()}, Topic: "absent"})
	if err := publish(t.Context(), s, "1"); !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("got %v", err)
	}
}
