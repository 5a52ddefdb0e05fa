// Package handling is what happens to an event that is known to be authentic,
// whether a connector sent it or recover fetched it: it is filtered, its labels
// are chosen, it is encoded and published.
package handling

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A Handler says what happens to an event. It is safe for concurrent use.
type Handler struct {
	// Filter says which events are wanted; nil means all.
	Filter *filter.Filter
	// Labels says which labels go on; nil means all, unchanged.
	Labels *label.Rules
	// Encoding is the form in which events are published.
	Encoding event.Encoding
	// Sink takes the events. Required.
	Sink sink.Sink
	// DeadLetter takes what cannot be handled, byte for byte. nil means Sink, with
	// a mark.
	DeadLetter sink.Sink
}

// Message returns ev as it is to be published, its labels chosen.
func (h *Handler) Message(ev *event.Event) sink.Message {
	return sink.Message{
		ID:         ev.ID,
		Key:        ev.DeviceID(),
		Attributes: attributes(ev),
		Data:       h.Encoding.Encode(ev, h.Labels.Apply(ev.Labels)),
	}
}

// DeadLetterMessage returns an authentic body that cannot be handled as it is to be
// kept, and the sink that is to keep it: refusing it would only make DT send the
// same bytes for 12 hours and then drop them. ev is nil when the body could not be
// decoded; reason is a short code.
func (h *Handler) DeadLetterMessage(ev *event.Event, body []byte, reason string) (sink.Message, sink.Sink) {
	m := sink.Message{ID: bodyID(body), Data: body}
	if ev != nil {
		m.ID, m.Key, m.Attributes = ev.ID, ev.DeviceID(), attributes(ev)
	}
	m.Attributes.DeadLetter = reason
	if h.DeadLetter != nil {
		return m, h.DeadLetter
	}
	m.Data = h.Encoding.EncodeUndecodable(m.ID, body, reason)
	return m, h.Sink
}

func attributes(ev *event.Event) sink.Attributes {
	return sink.Attributes{
		EventType:  ev.Type,
		DeviceType: ev.DeviceType(),
		ProjectID:  ev.ProjectID(),
		Recovered:  ev.Recovered,
	}
}

// bodyID is the id of a body that has none: the same for every redelivery of it.
func bodyID(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
