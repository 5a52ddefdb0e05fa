// Package sink holds where events go: the Sink interface, the opening of sinks
// by URL, and the drivers that need no cloud (stdout, file, https). A cloud's
// own drivers live in that cloud's package. Package sinktest has the suite that
// every driver passes.
package sink

import (
	"context"
	"errors"
)

// A Sink takes messages and keeps them. Implementations are safe for concurrent
// use.
type Sink interface {
	// Publish stores msgs. When it returns nil every message is durable: it
	// survives the end of this process. On an error none, some or all may have
	// been stored, and the caller publishes all of them again. Publish keeps no
	// reference to msgs or what they hold after it has returned.
	//
	// A message that the sink can never take is an error that wraps
	// ErrTooLarge; any other error may pass with time.
	Publish(ctx context.Context, msgs []Message) (Result, error)

	// Close waits for what is being published and frees what the sink holds.
	// Publish after Close is an error that wraps ErrClosed.
	Close() error
}

// Result is what a sink can tell of messages it has stored.
type Result struct {
	// Duplicates is how many of the messages the sink had already, by their ID,
	// and therefore did not store again. Always 0 from sinks that cannot tell.
	Duplicates int
}

// Message is one event on its way out.
type Message struct {
	// ID is the event's id, the key against duplicates.
	ID string
	// Key is the device's id, for order and partitions. May be empty.
	Key string
	// Attributes tell consumers what is inside without opening it.
	Attributes Attributes
	// Data is the encoded event.
	Data []byte
}

// Attributes are a message's attributes, by the names that Each gives them on
// every broker.
type Attributes struct {
	EventType  string // "eventType": event.eventType
	DeviceType string // "deviceType": metadata.deviceType
	ProjectID  string // "projectId"
	Recovered  bool   // "recovered": "true" when fetched from the event history
	DeadLetter string // "deadLetter": why the event could not be handled; a reason code
}

// Each calls f with every attribute that is set, in a fixed order.
func (a Attributes) Each(f func(name, value string)) {
	for _, attr := range []struct{ name, value string }{
		{"eventType", a.EventType},
		{"deviceType", a.DeviceType},
		{"projectId", a.ProjectID},
		{"deadLetter", a.DeadLetter},
	} {
		if attr.value != "" {
			f(attr.name, attr.value)
		}
	}
	if a.Recovered {
		f("recovered", "true")
	}
}

var (
	// ErrTooLarge means that a message is beyond what the sink can ever take.
	ErrTooLarge = errors.New("message too large for the sink")
	// ErrClosed means that the sink has been closed.
	ErrClosed = errors.New("sink is closed")
)
