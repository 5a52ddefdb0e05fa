package kafka

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A delivery is messages that were given to a client together.
type delivery struct {
	errs []error // one for each; to be read when done is closed
	open atomic.Int64
	done chan struct{}
}

func (d *delivery) settle(i int, err error) {
	d.errs[i] = err
	if d.open.Add(-1) == 0 {
		close(d.done)
	}
}

// send gives msgs to client, waits for the answers and returns each message's
// error. The error besides means that ctx has ended, and that it is unknown which
// messages are stored.
func (p *producer) send(ctx context.Context, client *kgo.Client, msgs []sink.Message) ([]error, error) {
	d := &delivery{errs: make([]error, len(msgs)), done: make(chan struct{})}
	d.open.Store(int64(len(msgs)))
	for i, m := range msgs {
		n := units(len(m.Data))
		if err := p.room.enter(ctx, n); err != nil {
			return nil, p.trouble.explain(fmt.Errorf("waiting for room to send to Kafka: %w", err))
		}
		// Not with ctx: a record whose context ends takes those of other callers in
		// its batch with it.
		client.Produce(context.Background(), p.record(m), func(_ *kgo.Record, err error) {
			p.room.leave(n)
			d.settle(i, err)
		})
	}
	select {
	case <-d.done:
		return d.errs, nil
	case <-ctx.Done():
		return nil, p.trouble.explain(fmt.Errorf("waiting for the Kafka brokers' acknowledgement: %w", ctx.Err()))
	}
}

// record returns m as a record that shares no memory with it.
func (p *producer) record(m sink.Message) *kgo.Record {
	r := &kgo.Record{
		Topic: p.config.Topic,
		// Never nil: a record with a null value deletes in a compacted topic.
		Value: append(make([]byte, 0, len(m.Data)), m.Data...),
	}
	if m.Key != "" {
		r.Key = []byte(m.Key)
	}
	header := func(name, value string) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	if m.ID != "" {
		header("id", m.ID)
	}
	m.Attributes.Each(header)
	return r
}
