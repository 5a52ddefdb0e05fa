package receive

import (
	"context"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// deadLetter keeps an authentic body that cannot be handled. ev is nil when the
// body could not be decoded; cause is logged.
func (h *request) deadLetter(ctx context.Context, ev *event.Event, body []byte, reason string, cause error) Answer {
	m, to := h.config.Handler.DeadLetterMessage(ev, body, reason)
	h.receipt.EventID = m.ID
	if _, err := to.Publish(ctx, []sink.Message{m}); err != nil {
		return h.retry(ReasonSink, err)
	}
	h.receipt.Err = cause
	return h.answer(DeadLettered, reason)
}
