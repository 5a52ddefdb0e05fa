// Package kafkafind looks for an event in a topic of Kafka, or of a service that speaks
// its protocol. It reads from where the partitions end before the event is sent, in no
// consumer group: nobody's position changes, and nothing is taken away.
package kafkafind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

// ErrRefused means that the brokers do not let this user read.
var ErrRefused = errors.New("refused by Kafka")

// Open is the find.OpenFunc of the schemes kafka and kafkas.
func Open(u *url.URL) (find.Finder, error) {
	c, err := kafka.ConfigFromURL(u)
	if err != nil {
		return nil, err
	}
	return New(c), nil
}

// New returns the finder of the topic that c names. It connects to nothing.
func New(c kafka.Config) find.Finder { return &topic{config: c} }

type topic struct {
	config kafka.Config
	client *kgo.Client
}

// Prepare notes where each partition ends.
func (t *topic) Prepare(ctx context.Context) error {
	const patience = 10 * time.Second
	options, err := kafka.Reach(t.config)
	if err != nil {
		return err
	}
	options = append(options, kgo.ClientID("dtfn-doctor"), kgo.RetryTimeout(patience), kgo.FetchMaxWait(time.Second))
	if t.client, err = kgo.NewClient(options...); err != nil {
		return errors.New("no Kafka client can be made of the sink's URL")
	}
	ends, err := t.ends(ctx)
	if err != nil {
		return explain(err)
	}
	t.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{t.config.Topic: ends})
	return nil
}

// ends returns the offset behind the last record of each partition.
func (t *topic) ends(ctx context.Context) (map[int32]kgo.Offset, error) {
	ask := kmsg.NewPtrMetadataRequest()
	of := kmsg.NewMetadataRequestTopic()
	of.Topic = kmsg.StringPtr(t.config.Topic)
	ask.Topics = append(ask.Topics, of)
	metadata, err := ask.RequestWith(ctx, t.client)
	if err != nil {
		return nil, err
	}
	list := kmsg.NewPtrListOffsetsRequest()
	wanted := kmsg.NewListOffsetsRequestTopic()
	wanted.Topic = t.config.Topic
	for _, topic := range metadata.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			return nil, err
		}
		for _, p := range topic.Partitions {
			partition := kmsg.NewListOffsetsRequestTopicPartition()
			partition.Partition, partition.Timestamp = p.Partition, -1 // the end
			wanted.Partitions = append(wanted.Partitions, partition)
		}
	}
	list.Topics = append(list.Topics, wanted)
	listed, err := list.RequestWith(ctx, t.client)
	if err != nil {
		return nil, err
	}
	ends := make(map[int32]kgo.Offset)
	for _, topic := range listed.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return nil, err
			}
			ends[p.Partition] = kgo.NewOffset().At(p.Offset)
		}
	}
	if len(ends) == 0 || len(ends) != len(wanted.Partitions) {
		return nil, errors.New("the brokers do not say where the topic's partitions end")
	}
	return ends, nil
}

// Find reads what has come since.
func (t *topic) Find(ctx context.Context, id string) error {
	for {
		fetches := t.client.PollFetches(ctx)
		if ctx.Err() != nil {
			return find.End(ctx, nil, find.ErrNotFound)
		}
		for _, fault := range fetches.Errors() {
			return explain(fault.Err)
		}
		found := false
		fetches.EachRecord(func(r *kgo.Record) { found = found || has(r, id) })
		if found {
			return nil
		}
	}
}

// has tells whether a record is the event of that id.
func has(r *kgo.Record, id string) bool {
	for _, h := range r.Headers {
		if h.Key == "id" && string(h.Value) == id {
			return true
		}
	}
	return bytes.Contains(r.Value, []byte(id))
}

// Close ends the connections. The record stays: none can be removed.
func (t *topic) Close(context.Context) error {
	if t.client != nil {
		t.client.Close()
	}
	return nil
}

// explain leaves out what a broker says of a login that it refuses: some repeat the
// user's name.
func explain(err error) error {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed), errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fmt.Errorf("%w: see the user, the password and sasl= in the sink's URL", ErrRefused)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Errorf("%w: the user may not read the topic: allow it to READ and DESCRIBE it", ErrRefused)
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("%w: the brokers know no topic of that name", find.ErrAbsent)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the broker closes the connection: see whether it wants TLS (kafkas://), and another login")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the brokers cannot be reached: %w", err)
	}
	return fmt.Errorf("the topic cannot be read: %w", err)
}
