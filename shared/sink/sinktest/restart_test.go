package sinktest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A mortal keeps messages in memory, and can be away.
type mortal struct {
	defect string

	mu     sync.Mutex
	away   bool
	stored []sink.Message
}

func (m *mortal) restart() Restart {
	return Restart{
		Backend: Backend{
			Open: func(context.Context) (sink.Sink, error) { return m, nil },
			Stored: func(context.Context) ([]sink.Message, error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				return m.stored, nil
			},
		},
		Kill:  func(context.Context) error { m.set(true); return nil },
		Start: func(context.Context) error { m.set(false); return nil },
	}
}

func (m *mortal) set(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
	if away && m.defect == "loses what it has not written" {
		m.stored = m.stored[:len(m.stored)-1]
	}
}

func (m *mortal) Publish(_ context.Context, msgs []sink.Message) (sink.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.defect == "always fails" {
		return sink.Result{}, errors.New("no")
	}
	if m.away {
		switch m.defect {
		case "says yes while it is away":
			return sink.Result{}, nil
		case "takes it for a message's fault":
			return sink.Result{}, sink.ErrTooLarge
		}
		return sink.Result{}, errors.New("away")
	}
	for _, msg := range msgs {
		msg.Data = bytes.Clone(msg.Data)
		m.stored = append(m.stored, msg)
	}
	return sink.Result{}, nil
}

func (m *mortal) Close() error { return nil }

func TestRestart(t *testing.T) {
	RunRestart(t, new(mortal).restart())
	for defect, want := range map[string]string{
		"loses what it has not written":  "1 of 10000 messages",
		"says yes while it is away":      "nothing failed",
		"takes it for a message's fault": "taken for something else",
		"always fails":                   "before the broker was killed",
	} {
		t.Run(defect, func(t *testing.T) {
			m := &mortal{defect: defect}
			if _, err := m.restart().run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q in it", err, want)
			}
		})
	}
}
