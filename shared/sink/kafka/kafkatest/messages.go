// Package kafkatest helps to test what publishes to Apache Kafka: it reads topics
// back and, with the build tag platforms, runs throw-away brokers.
package kafkatest

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Messages returns a topic's records as the messages that they were. A header that
// the sink does not document is an error.
func Messages(ctx context.Context, brokers []string, topic string, opts ...kgo.Opt) ([]sink.Message, error) {
	records, err := Records(ctx, brokers, topic, opts...)
	if err != nil {
		return nil, err
	}
	msgs := make([]sink.Message, len(records))
	for i, r := range records {
		if msgs[i], err = message(r); err != nil {
			return nil, err
		}
	}
	return msgs, nil
}

func message(r *kgo.Record) (sink.Message, error) {
	m := sink.Message{Key: string(r.Key), Data: r.Value}
	for _, h := range r.Headers {
		value := string(h.Value)
		switch h.Key {
		case "id":
			m.ID = value
		case "eventType":
			m.Attributes.EventType = value
		case "deviceType":
			m.Attributes.DeviceType = value
		case "projectId":
			m.Attributes.ProjectID = value
		case "deadLetter":
			m.Attributes.DeadLetter = value
		case "recovered":
			m.Attributes.Recovered = value == "true"
		default:
			return m, fmt.Errorf("the record of %q has the unknown header %q", m.ID, h.Key)
		}
	}
	return m, nil
}
