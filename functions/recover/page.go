package recover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// publishTimeout is how long one attempt to publish a batch may take.
	publishTimeout = 30 * time.Second
	// publishAttempts is how often a batch is tried; the pauses between them make
	// about 15 seconds.
	publishAttempts = 6
	// batchSize is how many messages are published at once, so that few are in
	// memory in their published form.
	batchSize = 250
	// inclusive is how much later than the oldest event of a page the next query
	// ends, when fetching goes on in another run: DT does not say whether an end
	// time is inclusive, and several events may have the same time.
	inclusive = time.Millisecond
)

// errPublish: the sink does not take events, so nothing more can be fetched.
var errPublish = errors.New("publishing")

// counts are what became of events.
type counts struct{ events, published, duplicates, filtered, deadLettered int }

func (g *GapReport) add(c counts) {
	g.Pages++
	g.Events += c.events
	g.Published += c.published
	g.Duplicates += c.duplicates
	g.Filtered += c.filtered
	g.DeadLettered += c.deadLettered
}

// pages fetches and publishes what the gap lacks of a device.
func (f *fetch) pages(ctx context.Context, d device) error {
	q := dtapi.EventQuery{Device: d.name, Types: d.types, Start: f.gap.From, End: f.end}
	f.mu.Lock()
	back, begun := f.gap.Back[d.id]
	f.mu.Unlock()
	if begun {
		q.End = back.Add(inclusive)
	}
	for page, err := range f.config.Client.Events(ctx, q) {
		if err != nil {
			return err
		}
		c, err := f.publishPage(ctx, d, page)
		if err != nil {
			return err
		}
		if oldest := page[len(page)-1].Timestamp; !oldest.IsZero() {
			back = oldest
		}
		if err := f.pageDone(ctx, d.id, back, c); err != nil {
			return err
		}
	}
	return nil
}

// publishPage publishes the events of a page, the oldest first.
func (f *fetch) publishPage(ctx context.Context, d device, page []dtapi.HistoryEvent) (counts, error) {
	c := counts{events: len(page)}
	batch := make([]recovered, 0, min(batchSize, len(page)))
	for _, h := range slices.Backward(page) {
		r := recovered{body: d.envelope.wrap(h.Raw)}
		if r.event, r.err = f.decoder.Decode(r.body); r.err == nil {
			r.event.Recovered = true
			if ok, _ := f.config.Handler.Filter.Match(r.event); !ok {
				c.filtered++
				continue
			}
		}
		if batch = append(batch, r); len(batch) == batchSize {
			if err := f.publish(ctx, batch, &c); err != nil {
				return c, err
			}
			batch = batch[:0]
		}
	}
	return c, f.publish(ctx, batch, &c)
}

// recovered is an event that was fetched; event is nil when it could not be decoded.
type recovered struct {
	body  []byte
	event *event.Event
	err   error
}

// publish publishes a batch, and keeps as dead letters what cannot be handled.
func (f *fetch) publish(ctx context.Context, batch []recovered, c *counts) error {
	messages := make([]sink.Message, 0, len(batch))
	for _, r := range batch {
		if r.event == nil {
			if err := f.deadLetter(ctx, r, "envelope", c); err != nil {
				return err
			}
			continue
		}
		messages = append(messages, f.config.Handler.Message(r.event))
	}
	if len(messages) == 0 {
		return nil
	}
	result, err := f.publishTo(ctx, f.config.Handler.Sink, messages)
	if errors.Is(err, sink.ErrTooLarge) && f.config.Handler.DeadLetter != nil {
		return f.publishSingly(ctx, batch, c)
	}
	if err != nil {
		return err
	}
	c.published += len(messages)
	c.duplicates += result.Duplicates
	return nil
}

// publishSingly finds the messages of a batch that are too large for the sink.
func (f *fetch) publishSingly(ctx context.Context, batch []recovered, c *counts) error {
	for _, r := range batch {
		if r.event == nil {
			continue // kept already
		}
		result, err := f.publishTo(ctx, f.config.Handler.Sink, []sink.Message{f.config.Handler.Message(r.event)})
		switch {
		case errors.Is(err, sink.ErrTooLarge):
			err = f.deadLetter(ctx, r, "too-large-for-sink", c)
		case err == nil:
			c.published++
			c.duplicates += result.Duplicates
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fetch) deadLetter(ctx context.Context, r recovered, reason string, c *counts) error {
	m, to := f.config.Handler.DeadLetterMessage(r.event, r.body, reason)
	if _, err := f.publishTo(ctx, to, []sink.Message{m}); err != nil {
		return err
	}
	c.deadLettered++
	return nil
}

// publishTo publishes messages, several times if it must: an event that arrives by
// a connector is sent again by DT, one that was fetched is not.
func (f *fetch) publishTo(ctx context.Context, to sink.Sink, messages []sink.Message) (sink.Result, error) {
	attempt := func() (sink.Result, error) {
		ctx, cancel := context.WithTimeout(ctx, publishTimeout)
		defer cancel()
		result, err := to.Publish(ctx, messages)
		if errors.Is(err, sink.ErrTooLarge) || errors.Is(err, sink.ErrClosed) {
			err = backoff.Permanent(err)
		}
		return result, err
	}
	pause := backoff.NewExponentialBackOff()
	pause.Multiplier = 2
	result, err := backoff.Retry(ctx, attempt, backoff.WithMaxTries(publishAttempts), backoff.WithBackOff(pause))
	if err != nil {
		return sink.Result{}, fmt.Errorf("%w: %w", errPublish, err)
	}
	return result, nil
}
