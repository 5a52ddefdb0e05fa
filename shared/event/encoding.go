package event

import (
	"fmt"
	"strings"
)

// Encoding is the form in which events leave.
type Encoding int

const (
	// CloudEvents is the JSON format of CloudEvents 1.0, structured mode.
	CloudEvents Encoding = iota
	// RawBody is the body, byte for byte as it was received, for consumers that
	// verify the signature again. Label rules cannot apply to it.
	RawBody
)

// ParseEncoding returns the encoding called text: "cloudevents" or "raw".
func ParseEncoding(text string) (Encoding, error) {
	for _, e := range []Encoding{CloudEvents, RawBody} {
		if strings.EqualFold(text, e.String()) {
			return e, nil
		}
	}
	return 0, fmt.Errorf("unknown encoding %q: want %q or %q", text, CloudEvents, RawBody)
}

// String returns the name that ParseEncoding takes.
func (e Encoding) String() string {
	switch e {
	case CloudEvents:
		return "cloudevents"
	case RawBody:
		return "raw"
	}
	return fmt.Sprintf("Encoding(%d)", int(e))
}

// Encode returns ev, carrying labels instead of its own where the encoding can.
// The result may share memory with what ev was decoded from.
func (e Encoding) Encode(ev *Event, labels Labels) []byte {
	if e == RawBody {
		return ev.raw
	}
	return appendCloudEvent(nil, ev, labels)
}

// EncodeUndecodable returns a body that Decode refused, as reason (a short code)
// says, for sinks that hold only events in this encoding.
func (e Encoding) EncodeUndecodable(id string, body []byte, reason string) []byte {
	if e == RawBody {
		return body
	}
	return appendUndecodable(nil, id, body, reason)
}
