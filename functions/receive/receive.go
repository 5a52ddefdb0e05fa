// Package receive is the function that a Data Connector calls: it verifies a
// request, decodes, filters and labels its event, publishes it, and says with a
// status what happened.
//
// It knows no platform. An adapter turns its platform's request into a Request
// and the Answer back, and decides nothing.
package receive

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

const (
	// MaxBody is the longest body, in bytes, that is taken. DT's are below 10 KB.
	MaxBody = 1 << 20
	// Budget is how long a request may take in all. DT waits 10 s (Best
	// Practices); what is left is for the way.
	Budget = 8 * time.Second
)

// Config is what a Function works with.
type Config struct {
	// Verifier is required.
	Verifier *signature.Verifier
	// Handler says what happens to authentic events. Its Sink is required.
	Handler handling.Handler
	// Path is the only path that is served; "" means every path.
	Path string
	// Observer is told of every request; nil means nobody is.
	Observer telemetry.Observer
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Function handles requests. It is safe for concurrent use.
type Function struct {
	config  Config
	decoder event.Decoder
}

// New returns a Function, or an error when a required part is missing.
func New(c Config) (*Function, error) {
	if c.Verifier == nil {
		return nil, errors.New("receive: a verifier is required")
	}
	if c.Handler.Sink == nil {
		return nil, errors.New("receive: a sink is required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Function{config: c}, nil
}

// Handle does all that is to be done for one request. It never panics, and it
// answers 200 only after the sink has the event or when there is nothing to
// keep.
func (f *Function) Handle(ctx context.Context, r Request) (answer Answer) {
	start := f.config.Now()
	h := request{Function: f, receipt: telemetry.Receipt{Bytes: len(r.Body)}}
	defer func() {
		if p := recover(); p != nil {
			answer = h.failed(p, debug.Stack())
		}
		h.observe(ctx, answer, f.config.Now().Sub(start))
	}()
	ctx, cancel := context.WithTimeout(ctx, Budget)
	defer cancel()
	return h.handle(ctx, r)
}

// A request is one on its way through the function.
type request struct {
	*Function
	receipt telemetry.Receipt
}

func (h *request) handle(ctx context.Context, r Request) Answer {
	if answer, ok := h.refuse(r); ok {
		return answer
	}
	verified, err := h.config.Verifier.Verify(ctx, r.Header, r.Body)
	h.receipt.PreviousSecret = verified.PreviousSecret
	switch {
	case errors.Is(err, signature.ErrKeysUnavailable), errors.Is(err, signature.ErrNoKey):
		// The fault is on this side: DT shall try again.
		return h.retry(signature.Code(err), err)
	case err != nil:
		return h.answer(Unauthorized, signature.Code(err))
	}
	ev, err := h.decoder.Decode(r.Body)
	if err != nil {
		return h.deadLetter(ctx, nil, r.Body, decodeReason(err), err)
	}
	h.receipt.EventID, h.receipt.EventType = ev.ID, ev.Type
	h.receipt.DeviceID, h.receipt.ProjectID = ev.DeviceID(), ev.ProjectID()
	if ok, reason := h.config.Handler.Filter.Match(ev); !ok {
		return h.answer(Filtered, string(reason))
	}
	return h.publish(ctx, ev)
}

func (h *request) publish(ctx context.Context, ev *event.Event) Answer {
	handler := &h.config.Handler
	result, err := handler.Sink.Publish(ctx, []sink.Message{handler.Message(ev)})
	switch {
	case errors.Is(err, sink.ErrTooLarge) && handler.DeadLetter != nil:
		return h.deadLetter(ctx, ev, ev.Raw(), ReasonTooLargeForSink, err)
	case err != nil:
		return h.retry(ReasonSink, err)
	case result.Duplicates > 0:
		return h.answer(Duplicate, "")
	}
	return h.answer(Accepted, "")
}

// refuse answers what can be seen without looking at the signature.
func (h *request) refuse(r Request) (Answer, bool) {
	switch {
	case h.config.Path != "" && r.Path != h.config.Path:
		return h.answer(BadPath, ReasonPath), true
	case r.Method != "POST":
		return h.answer(BadMethod, ReasonMethod), true
	case errors.Is(r.BodyError, ErrBodyTooLarge), len(r.Body) > MaxBody:
		return h.answer(TooLarge, ReasonTooLarge), true
	case errors.Is(r.BodyError, ErrBodyTimeout):
		return h.answer(Unreadable, ReasonTimeout), true
	case errors.Is(r.BodyError, ErrOverloaded):
		return h.retry(ReasonOverloaded, nil), true
	case errors.Is(r.BodyError, ErrContentType):
		return h.answer(Unsupported, ReasonContentType), true
	case errors.Is(r.BodyError, ErrBodyInexact):
		h.receipt.Err = r.BodyError
		return h.answer(Failed, ReasonInexact), true
	case r.BodyError != nil:
		return h.answer(Unreadable, ReasonIncomplete), true
	case encoded(r.Header):
		return h.answer(Unsupported, ReasonEncoded), true
	}
	return Answer{}, false
}

func decodeReason(err error) string {
	if errors.Is(err, event.ErrSyntax) {
		return ReasonSyntax
	}
	return ReasonEnvelope
}

func (h *request) failed(p any, stack []byte) Answer {
	h.receipt.Err = fmt.Errorf("panic: %v\n%s", p, stack)
	return h.answer(Failed, ReasonPanic)
}

func (h *request) observe(ctx context.Context, a Answer, latency time.Duration) {
	if h.config.Observer == nil {
		return
	}
	h.receipt.Outcome, h.receipt.Reason = string(a.Outcome), a.Reason
	h.receipt.Status, h.receipt.Latency = a.Status, latency
	h.config.Observer.Received(context.WithoutCancel(ctx), h.receipt)
}
