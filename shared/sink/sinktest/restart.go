package sinktest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Restart is a broker that is killed and started again.
type Restart struct {
	// Backend is the sink and what is in it.
	Backend Backend
	// Kill ends the broker without a word, also the connections to it.
	Kill func(ctx context.Context) error
	// Start starts it again where it was, with what it had.
	Start func(ctx context.Context) error
}

const (
	restartEvents  = 10_000
	restartWorkers = 32
	// As long as a request to receive may take.
	publishTimeout = 8 * time.Second
)

// RunRestart publishes 10,000 messages at many places at once, each until it is
// accepted, as Data Connectors do. Half-way the broker is killed, and started again
// when that has been felt. No message that was accepted may be missing.
func RunRestart(t *testing.T, r Restart) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	failed, err := r.run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages stored; %d attempts failed while the broker was away", restartEvents, failed)
}

// run returns how many attempts failed.
func (r Restart) run(ctx context.Context) (failed int64, err error) {
	s, err := r.Backend.Open(ctx)
	if err != nil {
		return 0, err
	}
	o := outage{half: make(chan struct{}), felt: make(chan struct{}), back: make(chan struct{})}
	msgs := messages("restart", restartEvents)
	next := make(chan sink.Message, len(msgs))
	for _, m := range msgs {
		next <- m
	}
	close(next)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var broker, workers sync.WaitGroup
	broker.Go(func() {
		if err := o.happen(ctx, r); err != nil {
			stop(err)
		}
	})
	for range restartWorkers {
		workers.Go(func() {
			for m := range next {
				if err := o.publish(ctx, s, m); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	workers.Wait()
	if o.failed.Load() == 0 {
		stop(errors.New("nothing failed while the broker was away"))
	}
	broker.Wait()
	if err := errors.Join(context.Cause(ctx), s.Close()); err != nil {
		return 0, err
	}
	return o.failed.Load(), r.missing(ctx, msgs)
}

func (r Restart) missing(ctx context.Context, want []sink.Message) error {
	stored, err := r.Backend.Stored(ctx)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(stored))
	for _, m := range stored {
		there[string(m.Data)] = true
	}
	n := 0
	for _, m := range want {
		if !there[string(m.Data)] {
			n++
		}
	}
	if n > 0 {
		return fmt.Errorf("%d of %d messages that were accepted are missing", n, len(want))
	}
	return nil
}

// An outage is what happens to the broker half-way.
type outage struct {
	accepted, failed atomic.Int64
	killed           atomic.Bool
	half             chan struct{} // closed when half of the messages are accepted
	felt             chan struct{} // closed when a Publish has failed since the broker was killed
	feltOnce         sync.Once
	back             chan struct{} // closed when it is there again
}

func (o *outage) happen(ctx context.Context, r Restart) error {
	if err := waitFor(ctx, o.half); err != nil {
		return err
	}
	o.killed.Store(true)
	if err := r.Kill(ctx); err != nil {
		return fmt.Errorf("killing the broker: %w", err)
	}
	if err := waitFor(ctx, o.felt); err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return fmt.Errorf("starting the broker again: %w", err)
	}
	close(o.back)
	return nil
}

// publish publishes m until it is accepted.
func (o *outage) publish(ctx context.Context, s sink.Sink, m sink.Message) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, publishTimeout)
		_, err := s.Publish(attempt, []sink.Message{m})
		cancel()
		switch {
		case err == nil:
			if o.accepted.Add(1) == restartEvents/2 {
				close(o.half)
			}
			return nil
		case ctx.Err() != nil:
			return err
		case errors.Is(err, sink.ErrTooLarge) || errors.Is(err, sink.ErrClosed):
			return fmt.Errorf("a broker that is away was taken for something else: %w", err)
		case !o.killed.Load():
			return fmt.Errorf("before the broker was killed: %w", err)
		}
		o.failed.Add(1)
		o.feltOnce.Do(func() { close(o.felt) })
		if err := waitFor(ctx, o.back); err != nil {
			return err
		}
	}
}

func waitFor(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
