package sink

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A fanOut is several sinks as one. See Drivers.Open.
type fanOut []member

type member struct {
	name string // its URL without secrets, for errors
	sink Sink
}

func (f fanOut) Publish(ctx context.Context, msgs []Message) (Result, error) {
	results := make([]Result, len(f))
	errs := make([]error, len(f))
	var wg sync.WaitGroup
	for i, m := range f {
		wg.Go(func() { results[i], errs[i] = m.publish(ctx, msgs) })
	}
	wg.Wait()
	if err := joinFaults(errs); err != nil {
		return Result{}, err
	}
	least := results[0]
	for _, r := range results[1:] {
		least.Duplicates = min(least.Duplicates, r.Duplicates)
	}
	return least, nil
}

// joinFaults joins errors so that the result wraps ErrTooLarge only when nothing
// else is wrong: while a sink may still take a message later, the message must be
// published again, not be given up as too large.
func joinFaults(errs []error) error {
	var tooLarge, others []error
	for _, err := range errs {
		switch {
		case err == nil:
		case errors.Is(err, ErrTooLarge):
			tooLarge = append(tooLarge, err)
		default:
			others = append(others, err)
		}
	}
	if len(others) == 0 {
		return errors.Join(tooLarge...)
	}
	for _, err := range tooLarge {
		others = append(others, errors.New(err.Error()))
	}
	return errors.Join(others...)
}

func (m member) publish(ctx context.Context, msgs []Message) (r Result, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sink %s: %w", m.name, err)
		}
	}()
	defer panicToError(&err)
	return m.sink.Publish(ctx, msgs)
}

// Close closes all sinks, also after one has failed to.
func (f fanOut) Close() error {
	var errs []error
	for _, m := range f {
		if err := m.sink.Close(); err != nil {
			errs = append(errs, fmt.Errorf("closing sink %s: %w", m.name, err))
		}
	}
	return errors.Join(errs...)
}
