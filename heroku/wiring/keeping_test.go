package wiring

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// keeping keeps messages in memory.
type keeping struct {
	mu   sync.Mutex
	kept []sink.Message
}

func (k *keeping) keep(_ context.Context, msgs []sink.Message) ([]bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range msgs {
		m.Data = bytes.Clone(m.Data)
		k.kept = append(k.kept, m)
	}
	return nil, nil
}

func (k *keeping) all() []sink.Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.kept)
}
