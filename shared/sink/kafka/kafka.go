// Package kafka is the sink that publishes to a topic of Apache Kafka, or of a
// service that speaks its protocol, such as Azure Event Hubs and IBM Event Streams.
//
// A record's key is the device's id, so that a device's events are in one partition
// and in the order in which they were published. Its headers are the event's id as
// "id", and the attributes. Its value is the event. A message counts as stored when
// all in-sync replicas have it (acks=all).
package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A producer is the sink.
type producer struct {
	config  Config
	room    *room
	trouble trouble
	single  chan struct{} // held while apart is used

	mu         sync.Mutex
	shared     *kgo.Client // nil before the first use
	apart      *kgo.Client // for one message at a time; nil before the first use
	closed     bool
	publishing sync.WaitGroup
	release    sync.Once
}

func newProducer(c Config) *producer {
	return &producer{config: c, room: newRoom(), single: make(chan struct{}, 1)}
}

// Publish is that of [sink.Sink]. When ctx ends before the brokers have
// acknowledged every message, the error wraps ctx.Err(), and the messages may be
// stored until Config.Timeout is over.
func (p *producer) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	if err := p.begin(ctx); err != nil {
		return sink.Result{}, err
	}
	defer p.publishing.Done()
	if len(msgs) == 0 {
		return sink.Result{}, nil
	}
	client, err := p.client(&p.shared)
	if err != nil {
		return sink.Result{}, err
	}
	errs, err := p.send(ctx, client, msgs)
	if err != nil {
		return sink.Result{}, err
	}
	var tooLarge []int
	for i, err := range errs {
		switch {
		case errors.Is(err, kerr.MessageTooLarge):
			tooLarge = append(tooLarge, i)
		case err != nil:
			// Before ErrTooLarge: that one would tell the caller not to try again.
			p.replaceIfStuck(ctx, &p.shared, client, err)
			return sink.Result{}, p.trouble.explain(fmt.Errorf("publishing to Kafka: %w", plainError(err)))
		}
	}
	// The last, so that a message that is too large keeps none of the others out.
	var refused error
	for _, i := range tooLarge {
		switch err := p.sendApart(ctx, msgs[i]); {
		case errors.Is(err, sink.ErrTooLarge):
			refused = errors.Join(refused, err)
		case err != nil:
			return sink.Result{}, err
		}
	}
	return sink.Result{}, refused
}

// Close is that of [sink.Sink].
func (p *producer) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.publishing.Wait()
	p.release.Do(func() {
		for _, client := range []*kgo.Client{p.shared, p.apart} {
			if client == nil {
				continue
			}
			// What nobody waits for any longer. After Close nothing more is stored.
			ctx, cancel := context.WithTimeout(context.Background(), p.config.Timeout)
			_ = client.Flush(ctx)
			cancel()
			client.Close()
		}
	})
	return nil
}

// begin counts a Publish that Close is to wait for.
func (p *producer) begin(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return sink.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before publishing: %w", err)
	}
	p.publishing.Add(1)
	return nil
}

// client returns the client in at, and makes it on first use.
func (p *producer) client(at **kgo.Client) (*kgo.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at == nil {
		client, err := newClient(p.config, &p.trouble)
		if err != nil {
			return nil, err
		}
		*at = client
	}
	return *at, nil
}

// sendApart sends m in a batch of its own. The brokers refuse a batch as a whole,
// and in the batch that they found too large were perhaps other messages.
func (p *producer) sendApart(ctx context.Context, m sink.Message) error {
	select {
	case p.single <- struct{}{}:
		defer func() { <-p.single }()
	case <-ctx.Done():
		return fmt.Errorf("waiting to send a message apart: %w", ctx.Err())
	}
	client, err := p.client(&p.apart)
	if err != nil {
		return err
	}
	errs, err := p.send(ctx, client, []sink.Message{m})
	switch {
	case err != nil:
		return err
	case errors.Is(errs[0], kerr.MessageTooLarge):
		return fmt.Errorf("%w: message %q has %d bytes of data: %w", sink.ErrTooLarge, m.ID, len(m.Data), errs[0])
	case errs[0] != nil:
		p.replaceIfStuck(ctx, &p.apart, client, errs[0])
		return p.trouble.explain(fmt.Errorf("publishing to Kafka: %w", plainError(errs[0])))
	}
	return nil
}
