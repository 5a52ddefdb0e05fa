package sinktest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A memory keeps messages in this process. Its defects break the contract, each in
// one way, to show that the suite notices.
type memory struct {
	defect string

	mu     sync.Mutex
	stored []sink.Message
}

func (m *memory) open(context.Context) (sink.Sink, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.defect == "forgets on reopening" {
		m.stored = nil
	}
	return &memorySink{memory: m}, nil
}

func (m *memory) read(context.Context) ([]sink.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.defect == "cannot be read" {
		return nil, errors.New("unreadable")
	}
	return clone(m.stored), nil
}

type memorySink struct {
	*memory
	closed bool
}

func (s *memorySink) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.defect != "publishes after close" {
		return sink.Result{}, sink.ErrClosed
	}
	if err := ctx.Err(); err != nil && s.defect != "ignores the context" {
		return sink.Result{}, err
	}
	if len(msgs) == 0 && s.defect == "fails on nothing" {
		return sink.Result{}, errors.New("nothing to publish")
	}
	var result sink.Result
	for _, m := range msgs {
		if len(m.Data) > maxData && s.defect != "takes any length" {
			return result, sink.ErrTooLarge
		}
		if s.has(m.ID) {
			result.Duplicates++
			if s.defect != "stores twice" {
				continue
			}
		}
		s.stored = append(s.stored, s.spoil(m))
	}
	if s.defect == "loses the last of a batch" && len(msgs) > 1 {
		s.stored = s.stored[:len(s.stored)-1]
	}
	switch s.defect {
	case "tells of no duplicates":
		result.Duplicates = 0
	case "tells of duplicates only":
		result.Duplicates = len(msgs)
	}
	return result, nil
}

func (s *memorySink) has(id string) bool {
	return slices.ContainsFunc(s.stored, func(m sink.Message) bool { return m.ID == id })
}

// spoil returns what is stored of m.
func (s *memorySink) spoil(m sink.Message) sink.Message {
	if s.defect != "keeps the caller's memory" {
		m.Data = bytes.Clone(m.Data)
	}
	switch s.defect {
	case "trims white space":
		m.Data = bytes.TrimSpace(m.Data)
	case "stores text":
		m.Data = []byte(strings.ToValidUTF8(string(m.Data), "\ufffd"))
	case "cuts long data":
		m.Data = m.Data[:min(len(m.Data), 1<<19)]
	case "drops attributes":
		m.Attributes.DeadLetter = ""
	case "mixes up ids":
		m.ID, m.Key = m.Key, m.ID
	}
	return m
}

func (s *memorySink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.defect == "closes once" {
		return errors.New("closed twice")
	}
	s.closed = true
	return nil
}

const maxData = 1 << 20

func harness(defect string) Harness {
	return Harness{
		New: func(*testing.T) Backend {
			m := &memory{defect: defect}
			return Backend{Open: m.open, Stored: m.read}
		},
		KeepsID: true, KeepsKey: true, KeepsAttributes: true,
		DetectsDuplicates: true, MaxData: maxData,
	}
}

func TestSuitePassesAGoodSink(t *testing.T) {
	Run(t, harness(""))
}

func TestSuiteNoticesDefects(t *testing.T) {
	tests := map[string]string{ // defect to a case that fails
		"fails on nothing":          "empty batch",
		"forgets on reopening":      "stored after reopening",
		"cannot be read":            "one message",
		"publishes after close":     "close",
		"closes once":               "close",
		"ignores the context":       "ended context",
		"takes any length":          "large data",
		"cuts long data":            "large data",
		"stores twice":              "duplicates",
		"tells of no duplicates":    "duplicates",
		"tells of duplicates only":  "duplicates among concurrent publishers",
		"loses the last of a batch": "batch",
		"keeps the caller's memory": "memory is the caller's again",
		"trims white space":         "JSON data",
		"stores text":               "binary data",
		"drops attributes":          "attributes",
		"mixes up ids":              "one message",
	}
	for defect, name := range tests {
		t.Run(defect, func(t *testing.T) {
			h := harness(defect)
			i := slices.IndexFunc(cases(), func(c testCase) bool { return c.name == name })
			if i < 0 {
				t.Fatalf("no case %q", name)
			}
			if err := cases()[i].run(t.Context(), h, h.New(t)); err == nil {
				t.Errorf("case %q passes", name)
			}
		})
	}
}

// A sink that takes no empty messages, or keeps only Data, is a good one too.
func TestSuiteAllowsWhatIsNotPromised(t *testing.T) {
	h := harness("")
	h.KeepsID, h.KeepsKey, h.KeepsAttributes, h.DetectsDuplicates = false, false, false, false
	h.RefusesEmpty = true
	h.New = func(*testing.T) Backend {
		m := &memory{}
		return Backend{
			Open: func(ctx context.Context) (sink.Sink, error) {
				s, err := m.open(ctx)
				return &modestSink{Sink: s}, err
			},
			Stored: func(ctx context.Context) ([]sink.Message, error) {
				stored, err := m.read(ctx)
				for i := range stored {
					stored[i] = sink.Message{Data: stored[i].Data}
				}
				return append(stored, stored...), err // at least once
			},
		}
	}
	Run(t, h)
}

type modestSink struct{ sink.Sink }

func (s *modestSink) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	for _, m := range msgs {
		if len(m.Data) == 0 {
			return sink.Result{}, errors.New("empty")
		}
	}
	_, err := s.Sink.Publish(ctx, msgs)
	return sink.Result{}, err
}
