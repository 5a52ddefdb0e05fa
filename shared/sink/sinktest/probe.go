package sinktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A probe is a sink under test.
type probe struct {
	harness Harness
	backend Backend
	sink    sink.Sink
}

func (p *probe) open(ctx context.Context) error {
	s, err := p.backend.Open(ctx)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	p.sink = s
	return nil
}

// publish publishes msgs and checks the Result.
func (p *probe) publish(ctx context.Context, wantDuplicates int, msgs ...sink.Message) error {
	result, err := p.sink.Publish(ctx, msgs)
	if err != nil {
		return fmt.Errorf("publish %s: %w", names(msgs), err)
	}
	if !p.harness.DetectsDuplicates {
		wantDuplicates = 0
	}
	if result.Duplicates != wantDuplicates {
		return fmt.Errorf("publish %s: %d duplicates reported, want %d", names(msgs), result.Duplicates, wantDuplicates)
	}
	return nil
}

// expect checks that want is stored and nothing else.
func (p *probe) expect(ctx context.Context, want ...sink.Message) error {
	return p.expectBetween(ctx, want, want)
}

// expectBetween checks that all of least is stored, and nothing that is not in
// most.
func (p *probe) expectBetween(ctx context.Context, least, most []sink.Message) error {
	stored, err := p.backend.Stored(ctx)
	if err != nil {
		return fmt.Errorf("reading what is stored: %w", err)
	}
	times := make(map[string]int)
	for _, m := range stored {
		times[p.identity(m)]++
	}
	known := make(map[string]bool)
	for _, m := range most {
		known[p.identity(m)] = true
	}
	for _, m := range stored {
		if !known[p.identity(m)] {
			return fmt.Errorf("stored, but never published like this: %s", describe(m))
		}
		if n := times[p.identity(m)]; n > 1 && p.harness.DetectsDuplicates {
			return fmt.Errorf("stored %d times: %s", n, describe(m))
		}
	}
	for _, m := range least {
		if times[p.identity(m)] == 0 {
			return fmt.Errorf("published, but not stored: %s", describe(m))
		}
	}
	return nil
}

// identity returns what of m the sink keeps, as a map's key.
func (p *probe) identity(m sink.Message) string {
	var kept sink.Message
	if p.harness.KeepsID {
		kept.ID = m.ID
	}
	if p.harness.KeepsKey {
		kept.Key = m.Key
	}
	if p.harness.KeepsAttributes {
		kept.Attributes = m.Attributes
	}
	return fmt.Sprintf("%q %q %q %x", kept.ID, kept.Key, fmt.Sprint(kept.Attributes), sha256.Sum256(m.Data))
}

// message returns a message whose every part depends on name.
func message(name string) sink.Message {
	return sink.Message{
		ID:         "id-" + name,
		Key:        "device-" + name,
		Attributes: sink.Attributes{EventType: "temperature", DeviceType: "humidity", ProjectID: "project-" + name},
		Data:       fmt.Appendf(nil, `{"event":{"eventId":"id-%s"}}`, name),
	}
}

func messages(name string, n int) []sink.Message {
	msgs := make([]sink.Message, n)
	for i := range msgs {
		msgs[i] = message(fmt.Sprintf("%s-%d", name, i))
	}
	return msgs
}

func withData(name string, data []byte) sink.Message {
	m := message(name)
	m.Data = data
	return m
}

// clone returns a copy of msgs that shares no memory with them.
func clone(msgs []sink.Message) []sink.Message {
	copies := make([]sink.Message, len(msgs))
	for i, m := range msgs {
		m.Data = bytes.Clone(m.Data)
		copies[i] = m
	}
	return copies
}

// overwrite does to msgs what a caller may do after Publish has returned.
func overwrite(msgs []sink.Message) {
	for i := range msgs {
		for j := range msgs[i].Data {
			msgs[i].Data[j] = '#'
		}
		msgs[i] = sink.Message{ID: "overwritten", Data: []byte("overwritten")}
	}
}

func names(msgs []sink.Message) string {
	switch len(msgs) {
	case 0:
		return "nothing"
	case 1:
		return msgs[0].ID
	}
	return fmt.Sprintf("%s and %d more", msgs[0].ID, len(msgs)-1)
}

func describe(m sink.Message) string {
	data := m.Data
	if len(data) > 80 {
		data = data[:80]
	}
	return fmt.Sprintf("id %q, key %q, attributes %+v, %d bytes of data: %q", m.ID, m.Key, m.Attributes, len(m.Data), data)
}
