package event

import (
	"errors"
	"fmt"
	"sync"
)

var (
	// ErrSyntax means that the body is not JSON: cut short, not UTF-8, with a
	// member name twice in one object, nested deeper than 10,000 levels, or not
	// JSON at all.
	ErrSyntax = errors.New("body is not JSON")
	// ErrEnvelope means that the body is JSON, but not an event's envelope.
	ErrEnvelope = errors.New("body is not a DT event")
)

// A Decoder decodes bodies and reuses its working memory. The zero value is ready
// for use, and safe for concurrent use.
type Decoder struct {
	pool sync.Pool // of *reader
}

// Decode is [Decoder.Decode] for a single body.
func Decode(body []byte) (*Event, error) {
	return new(Decoder).Decode(body)
}

// Decode decodes a body that a Data Connector forwarded, or a CloudEvent (in
// JSON, structured mode) whose data is such a body, as this bundle sends it.
//
// eventId, eventType and targetName are required; everything else may be
// missing, and members that are not known are kept. An error wraps ErrSyntax or
// ErrEnvelope and names the member at fault, never its content.
//
// The Event refers to body, which must not be changed while it is in use.
func (d *Decoder) Decode(body []byte) (*Event, error) {
	r, ok := d.pool.Get().(*reader)
	if !ok {
		r = newReader()
	}
	defer func() {
		r.reset(nil)
		d.pool.Put(r)
	}()
	e := &Event{raw: body, body: body}
	r.reset(body)
	outer, err := r.outermost(e)
	if err != nil {
		return nil, err
	}
	if outer.specVersion && !outer.event && outer.data != nil {
		// One bundle feeds another: the DT body lies in the CloudEvent's data.
		e = &Event{raw: body, body: outer.data, Recovered: outer.recovered}
		r.reset(e.body)
		if outer, err = r.outermost(e); err != nil {
			return nil, fmt.Errorf("in the CloudEvent's data: %w", err)
		}
	}
	if err := e.require(outer); err != nil {
		return nil, err
	}
	return e, nil
}

// require checks what nothing can be done without: an event that has no id
// cannot be told from its own redelivery.
func (e *Event) require(o outermost) error {
	switch {
	case !o.event:
		return fmt.Errorf("%w: event: missing", ErrEnvelope)
	case e.ID == "":
		return fmt.Errorf("%w: event.eventId: missing or empty", ErrEnvelope)
	case e.Type == "":
		return fmt.Errorf("%w: event.eventType: missing or empty", ErrEnvelope)
	case e.TargetName == "":
		return fmt.Errorf("%w: event.targetName: missing or empty", ErrEnvelope)
	}
	return nil
}
