package receive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// deadLetter keeps an authentic body that cannot be handled: refusing it would
// only make DT send the same bytes for 12 hours and then drop them. ev is nil
// when the body could not be decoded; cause is logged.
func (h *handling) deadLetter(ctx context.Context, ev *event.Event, body []byte, reason string, cause error) Answer {
	m := sink.Message{ID: bodyID(body), Data: body}
	if ev != nil {
		m.ID, m.Key, m.Attributes = ev.ID, ev.DeviceID(), attributes(ev)
	}
	m.Attributes.DeadLetter = reason
	to := h.config.DeadLetter
	if to == nil {
		to = h.config.Sink
		m.Data = h.config.Encoding.EncodeUndecodable(m.ID, body, reason)
	}
	h.receipt.EventID = m.ID
	if _, err := to.Publish(ctx, []sink.Message{m}); err != nil {
		return h.retry(ReasonSink, err)
	}
	h.receipt.Err = cause
	return h.answer(DeadLettered, reason)
}

// bodyID is the id of a body that has none: the same for every redelivery of it.
func bodyID(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
