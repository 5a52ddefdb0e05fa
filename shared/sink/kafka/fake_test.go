package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

const topic = "events"

// The suite's longest message is 1 MiB, and more with its key and headers, which is
// beyond Kafka's default.
const batchBytes = 2 << 20

// patience bounds waiting for what takes a moment.
const patience = 30 * time.Second

// newFake returns a cluster of one broker whose topic has so many partitions.
func newFake(t testing.TB, partitions int32, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1),
		kfake.SeedTopics(partitions, topic),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": fmt.Sprint(batchBytes)}),
	}, opts...)...)
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// config is that of the topic of a cluster without TLS.
func config(c *kfake.Cluster) kafka.Config {
	return kafka.Config{Brokers: c.ListenAddrs(), Topic: topic, MaxBatchBytes: batchBytes}
}

// open opens the sink of a configuration, and closes it after the test.
func open(t testing.TB, c kafka.Config) sink.Sink {
	t.Helper()
	s, err := kafka.New(c)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// stored returns what the topic holds.
func stored(ctx context.Context, brokers []string) ([]sink.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return kafkatest.Messages(ctx, brokers, topic)
}

// storedIDs returns the ids of what the topic holds, sorted.
func storedIDs(t testing.TB, brokers []string) []string {
	t.Helper()
	msgs, err := stored(t.Context(), brokers)
	must(t, err)
	ids := []string{}
	for _, m := range msgs {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

// message returns an event with that id.
func message(id string) sink.Message {
	return sink.Message{
		ID: id, Key: "device-" + id,
		Attributes: sink.Attributes{EventType: "temperature", DeviceType: "humidity", ProjectID: "p1"},
		Data:       fmt.Appendf(nil, `{"event":{"eventId":%q}}`, id),
	}
}

func publish(ctx context.Context, s sink.Sink, ids ...string) error {
	msgs := make([]sink.Message, len(ids))
	for i, id := range ids {
		msgs[i] = message(id)
	}
	_, err := s.Publish(ctx, msgs)
	return err
}

// eventually calls f until it returns nil.
func eventually(t testing.TB, f func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
