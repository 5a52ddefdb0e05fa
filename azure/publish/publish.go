// Package publish makes a sink of a function that stores one message, as the REST
// services of Azure's brokers do.
package publish

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// concurrency is how many messages of one Publish call are under way.
const concurrency = 16

// A StoreFunc stores m durably or returns an error. It keeps no reference to m's Data
// after it has returned, and returns when ctx ends.
type StoreFunc func(ctx context.Context, m *sink.Message) error

// New returns a sink that stores each message by a call of store, of which several
// run at a time. After the first error no more are begun; those under way are waited
// for.
func New(store StoreFunc) sink.Sink { return &publisher{store: store} }

type publisher struct {
	store StoreFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// Publish implements [sink.Sink].
func (p *publisher) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	if err := p.begin(); err != nil {
		return sink.Result{}, err
	}
	defer p.running.Done()
	if err := ctx.Err(); err != nil {
		return sink.Result{}, fmt.Errorf("before publishing: %w", err)
	}
	if len(msgs) == 1 {
		return sink.Result{}, p.storeSafely(ctx, &msgs[0])
	}
	var (
		workers sync.WaitGroup
		next    atomic.Int64
		failed  atomic.Bool
		errs    = make([]error, min(concurrency, len(msgs)))
	)
	for w := range errs {
		workers.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(msgs) {
					return
				}
				if errs[w] = p.storeSafely(ctx, &msgs[i]); errs[w] != nil {
					failed.Store(true)
				}
			}
		})
	}
	workers.Wait()
	return sink.Result{}, errors.Join(errs...)
}

// Close waits for what is being stored.
func (p *publisher) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.running.Wait()
	return nil
}

func (p *publisher) begin() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return sink.ErrClosed
	}
	p.running.Add(1)
	return nil
}

// storeSafely turns a panic into an error: in a goroutine it would end the process,
// and with it every request.
func (p *publisher) storeSafely(ctx context.Context, m *sink.Message) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in the sink: %v\n%s", r, debug.Stack())
		}
	}()
	return p.store(ctx, m)
}
