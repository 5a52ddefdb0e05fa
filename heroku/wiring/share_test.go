package wiring

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// memory is a sink that counts.
type memory struct {
	stored, closed int
	ping           error
}

func (m *memory) Publish(_ context.Context, msgs []sink.Message) (sink.Result, error) {
	m.stored += len(msgs)
	return sink.Result{}, nil
}

func (m *memory) Ping(context.Context) error { return m.ping }

func (m *memory) Close() error { m.closed++; return nil }

func TestPoolSharesBySinkURL(t *testing.T) {
	var opened []*memory
	var p pool
	open := p.over(func(_ context.Context, u *url.URL) (sink.Sink, error) {
		if u.Host == "broken" {
			return nil, errors.New("marker")
		}
		opened = append(opened, new(memory))
		return opened[len(opened)-1], nil
	})
	use := func(host string) sink.Sink {
		t.Helper()
		s, err := open(t.Context(), &url.URL{Scheme: "mem", Host: host})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two, other := use("a"), use("a"), use("b")
	for _, s := range []sink.Sink{one, two, other} {
		if _, err := s.Publish(t.Context(), make([]sink.Message, 1)); err != nil {
			t.Error(err)
		}
	}
	if len(opened) != 2 || opened[0].stored != 2 || opened[1].stored != 1 {
		t.Fatalf("opened %d", len(opened))
	}
	opened[0].ping = errors.New("away")
	if one.(pinger).Ping(t.Context()) == nil || other.(pinger).Ping(t.Context()) != nil {
		t.Error("ping does not reach the sink")
	}
	for range 2 {
		if err := one.Close(); err != nil || opened[0].closed != 0 {
			t.Errorf("closed under its other user: %v", err)
		}
	}
	if _, err := one.Publish(t.Context(), nil); !errors.Is(err, sink.ErrClosed) {
		t.Errorf("publish after close: %v", err)
	}
	if _, err := two.Publish(t.Context(), nil); err != nil {
		t.Errorf("the other user: %v", err)
	}
	if err := errors.Join(two.Close(), other.Close()); err != nil || opened[0].closed != 1 || opened[1].closed != 1 {
		t.Errorf("%v, closed %d and %d times", err, opened[0].closed, opened[1].closed)
	}
	if use("a"); len(opened) != 3 {
		t.Error("a sink that was closed is not opened anew")
	}
	if _, err := open(t.Context(), &url.URL{Scheme: "mem", Host: "broken"}); err == nil {
		t.Error("no error")
	}
}

// A sink that is shared is still a sink.
func TestPooledConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{New: func(t *testing.T) sinktest.Backend {
		var m keeping
		var p pool
		open := p.over(func(context.Context, *url.URL) (sink.Sink, error) {
			return sink.NewBatcher(m.keep, sink.Limits{}), nil
		})
		return sinktest.Backend{
			Open:   func(ctx context.Context) (sink.Sink, error) { return open(ctx, &url.URL{Scheme: "mem"}) },
			Stored: func(context.Context) ([]sink.Message, error) { return m.all(), nil },
		}
	}, KeepsID: true, KeepsKey: true, KeepsAttributes: true})
}
