package checkpointtest

import (
	"bytes"
	"context"
	"strconv"
	"sync"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// A Memory is a store in memory, for tests.
type Memory struct {
	*documents
	closed bool
}

// documents are what several stores share.
type documents struct {
	mu    sync.Mutex
	byKey map[string]checkpoint.Document
	saves int
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{documents: &documents{byKey: make(map[string]checkpoint.Document)}}
}

// Reopen returns another store on the same documents, as another process would have
// it.
func (m *Memory) Reopen() *Memory { return &Memory{documents: m.documents} }

// Load implements [checkpoint.Store].
func (m *Memory) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return checkpoint.Document{}, err
	}
	if err := checkpoint.CheckKey(key); err != nil {
		return checkpoint.Document{}, err
	}
	d := m.byKey[key]
	d.Data = bytes.Clone(d.Data)
	return d, nil
}

// Save implements [checkpoint.Store].
func (m *Memory) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return "", err
	}
	if err := checkpoint.CheckSave(key, data); err != nil {
		return "", err
	}
	if m.byKey[key].Revision != revision {
		return "", checkpoint.ErrConflict
	}
	m.saves++
	next := strconv.Itoa(m.saves)
	m.byKey[key] = checkpoint.Document{Data: append([]byte{}, data...), Revision: next}
	return next, nil
}

// Close implements [checkpoint.Store].
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *Memory) usable(ctx context.Context) error {
	if m.closed {
		return checkpoint.ErrClosed
	}
	return ctx.Err()
}
