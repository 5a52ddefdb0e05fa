package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// broken keeps documents in this process. Its defects break the contract, each in
// one way, to show that the suite notices.
type broken struct {
	defect string

	mu        sync.Mutex
	shown     bool // the defect was asked for
	documents map[string]checkpoint.Document
	saves     int
	stores    []*brokenStore
	checked   int           // saves that have checked the revision
	second    chan struct{} // closed when these are two
}

func newBroken(defect string) *broken {
	return &broken{defect: defect, documents: make(map[string]checkpoint.Document), second: make(chan struct{})}
}

// has tells whether that is the defect. The caller has the lock.
func (b *broken) has(defect string) bool {
	if b.defect == defect {
		b.shown = true
	}
	return b.defect == defect
}

func (b *broken) open(*testing.T) checkpoint.Store {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.has("counts anew when opened") {
		b.saves = 0
	}
	s := &brokenStore{broken: b, loaded: make(map[string]checkpoint.Document), end: make(chan struct{})}
	b.stores = append(b.stores, s)
	return s
}

type brokenStore struct {
	*broken
	closed bool
	end    chan struct{} // closed with the store
	loaded map[string]checkpoint.Document
}

func (s *brokenStore) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && !s.has("loads after close") {
		return checkpoint.Document{}, checkpoint.ErrClosed
	}
	if err := ctx.Err(); err != nil && !s.has("loads after the context's end") {
		return checkpoint.Document{}, err
	}
	if err := checkpoint.CheckKey(key); err != nil && !s.has("loads any key") {
		return checkpoint.Document{}, err
	}
	key = s.spoilKey(key)
	if d, ok := s.loaded[key]; ok && s.has("caches what it has loaded") {
		return d, nil
	}
	d, ok := s.documents[key]
	switch {
	case !ok && s.has("finds an empty document"):
		return checkpoint.Document{Data: []byte{}}, nil
	case !ok && s.has("fails where there is nothing"):
		return checkpoint.Document{}, errors.New("not found")
	case ok && len(d.Data) == 0 && s.has("nil for an empty document"):
		d.Data = nil
	case !s.has("hands out its memory"):
		d.Data = bytes.Clone(d.Data)
	}
	s.loaded[key] = d
	return d, nil
}

func (s *brokenStore) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.has("hides the close"):
		s.wait(s.end)
		return "", errors.New("use of a closed connection")
	case s.has("loses what it saves at the end"):
		s.wait(s.end)
		return "1", nil
	case s.has("tears when the context ends"):
		s.wait(ctx.Done())
		s.put(key, data[:len(data)/2])
		return "", ctx.Err()
	case s.has("hides the end of the context"):
		s.wait(ctx.Done())
		return "", errors.New("interrupted")
	case s.has("saves, then tells of a conflict"):
		s.put(key, data)
		return "", checkpoint.ErrConflict
	case s.closed && !s.has("saves after close"):
		return "", checkpoint.ErrClosed
	}
	if ctx.Err() != nil && s.has("saves and tells of the context") {
		s.put(key, data)
	}
	if err := ctx.Err(); err != nil && !s.has("saves after the context's end") {
		return "", err
	}
	if err := s.refuse(key, data); err != nil {
		return "", err
	}
	key = s.spoilKey(key)
	old := s.documents[key]
	if old.Revision != revision && !s.mistakes(old.Revision, revision) {
		if s.has("conflict that changes") {
			s.put(key, data)
		}
		if s.has("conflict without ErrConflict") {
			return "", errors.New("conflict")
		}
		return "", checkpoint.ErrConflict
	}
	if s.has("checks before it locks") {
		// The first waits here until another one comes as far.
		if s.checked++; s.checked == 2 {
			close(s.second)
		}
		s.wait(s.second)
	}
	return s.put(key, data), nil
}

// wait waits without the lock.
func (s *brokenStore) wait(until <-chan struct{}) {
	s.mu.Unlock()
	<-until
	s.mu.Lock()
}

func (s *brokenStore) refuse(key string, data []byte) error {
	err := checkpoint.CheckSave(key, data)
	switch {
	case errors.Is(err, checkpoint.ErrKey) && s.has("takes any key"),
		errors.Is(err, checkpoint.ErrTooLarge) && s.has("takes any length"):
		return nil
	case errors.Is(err, checkpoint.ErrTooLarge) && s.has("removes before it refuses"):
		delete(s.documents, key)
	case len(data) > 64<<10 && s.has("refuses long data"):
		return checkpoint.ErrTooLarge
	}
	return err
}

// mistakes tells whether a revision that is not the document's is taken for it.
func (s *brokenStore) mistakes(present, revision string) bool {
	switch {
	case s.has("ignores the revision"),
		revision == "" && s.has("overwrites what it should make"),
		present == "" && s.has("makes what it should replace"),
		present == "" && s.has("takes a revision of nothing"),
		revision != "" && present != "" && strings.HasPrefix(revision, present) && s.has("compares revisions by prefix"):
		return true
	}
	return false
}

// put stores data and returns its revision.
func (s *brokenStore) put(key string, data []byte) string {
	if data == nil && s.has("nil is not saved") {
		return "1"
	}
	s.saves++
	revision := fmt.Sprintf("%d", s.saves)
	switch {
	case s.has("keeps the revision"):
		if old := s.documents[key]; old.Revision != "" {
			revision = old.Revision
		}
	case s.has("revision of the content"):
		revision = fmt.Sprintf("%x.", data)
	case s.has("returns no revision"):
		revision = ""
	}
	if !s.has("keeps the caller's memory") {
		data = append([]byte{}, data...)
	}
	switch {
	case s.has("trims white space"):
		data = bytes.TrimSpace(data)
	case s.has("stores text"):
		data = []byte(strings.ToValidUTF8(string(data), "\ufffd"))
	case s.has("cuts long data"):
		data = data[:min(len(data), 64<<10)]
	}
	s.documents[key] = checkpoint.Document{Data: data, Revision: revision}
	if s.has("returns another revision") {
		return revision + "0"
	}
	return revision
}

func (s *brokenStore) spoilKey(key string) string {
	switch {
	case s.has("keys without case"):
		return strings.ToLower(key)
	case s.has("keys as paths"):
		return path.Clean(key)
	case s.has("keys as query parts"):
		return strings.ReplaceAll(key, "%2F", "/")
	case s.has("keys cut"):
		return key[:min(len(key), 255)]
	}
	return key
}

func (s *brokenStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.has("closes once") {
		return errors.New("closed twice")
	}
	if s.has("forgets on closing") {
		clear(s.documents)
	}
	for _, other := range s.stores {
		if (other == s || s.has("closes the others")) && !other.closed {
			other.closed = true
			close(other.end)
		}
	}
	return nil
}
