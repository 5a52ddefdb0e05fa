package wiring

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A pool opens a sink once for all functions of this process that publish to it: a
// database has few connections to give, and a file one writer.
type pool struct {
	mu   sync.Mutex
	open map[string]*pooled // by URL
}

// A pooled is an open sink and how many use it.
type pooled struct {
	sink  sink.Sink
	users int
}

// over returns open, with sinks of one URL shared.
func (p *pool) over(open sink.OpenFunc) sink.OpenFunc {
	return func(ctx context.Context, u *url.URL) (sink.Sink, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		key := u.String()
		s := p.open[key]
		if s == nil {
			opened, err := open(ctx, u)
			if err != nil {
				return nil, err
			}
			s = &pooled{sink: opened}
			if p.open == nil {
				p.open = make(map[string]*pooled)
			}
			p.open[key] = s
		}
		s.users++
		return &user{pool: p, key: key, pooled: s}, nil
	}
}

// A user is one function's part in a sink.
type user struct {
	pool   *pool
	key    string
	pooled *pooled
	closed atomic.Bool
}

// Publish publishes to the sink.
func (u *user) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	if u.closed.Load() {
		return sink.Result{}, sink.ErrClosed
	}
	return u.pooled.sink.Publish(ctx, msgs)
}

// Ping tells whether the sink could store now; it is taken to where it cannot tell.
func (u *user) Ping(ctx context.Context) error {
	if p, ok := u.pooled.sink.(pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

// Close closes the sink after its last user.
func (u *user) Close() error {
	if u.closed.Swap(true) {
		return nil
	}
	u.pool.mu.Lock()
	defer u.pool.mu.Unlock()
	if u.pooled.users--; u.pooled.users > 0 {
		return nil
	}
	delete(u.pool.open, u.key)
	return u.pooled.sink.Close()
}
