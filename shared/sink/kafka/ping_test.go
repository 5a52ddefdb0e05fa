package kafka_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

type pinger interface {
	Ping(ctx context.Context) error
}

func TestPing(t *testing.T) {
	c := newFake(t, 1)
	s := open(t, config(c))
	ping := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return s.(pinger).Ping(ctx)
	}
	if err := ping(); err != nil {
		t.Errorf("with a broker: %v", err)
	}
	c.Close()
	if err := ping(); err == nil {
		t.Error("without a broker: no error")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ping(); !errors.Is(err, sink.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
