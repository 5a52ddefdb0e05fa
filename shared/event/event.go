// Package event holds the body that a Disruptive Technologies (DT) Data
// Connector forwards: the envelope, the data of the 19 event types, and the two
// encodings in which the event leaves again (CloudEvents 1.0 and raw).
//
// The body is decoded once. What the bundle does not know, such as a new event
// type or a new field, is kept as the bytes that came and passes through
// untouched.
package event

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// An Event is one decoded body. It keeps references into the bytes it was
// decoded from; those must not be changed while the Event is in use.
type Event struct {
	// ID is event.eventId, unique for every event, equal on every redelivery of
	// it: the key against duplicates (DT: Best Practices).
	ID string
	// Type is event.eventType, such as "temperature". Types this package does
	// not know are as good as any other.
	Type string
	// TargetName is event.targetName: "projects/P/devices/D" for a device's
	// events. Others, such as "projects/P", are possible.
	TargetName string
	// Timestamp is event.timestamp as it was sent: RFC 3339, UTC. See Time.
	Timestamp string
	// Data is event.data as it was sent; nil when absent. See Temperature and
	// its siblings for the typed forms.
	Data jsontext.Value
	// Labels are the labels that the connector included, in the order sent.
	Labels Labels
	// Metadata describes the device. The zero value when absent, as in bodies
	// before January 2022 and in events that no device sent.
	Metadata Metadata
	// Recovered is true for an event that was fetched from the event history
	// after an outage instead of being delivered by the connector.
	Recovered bool

	body    []byte   // the forwarded body; inside a CloudEvent its data
	raw     []byte   // everything as received
	members []member // the body's members, for rewriting labels in place
}

// A member is one member of the body's outermost object.
type member struct {
	name  string
	value jsontext.Value
}

// Metadata is the body's metadata member.
type Metadata struct {
	DeviceID      string
	ProjectID     string
	DeviceType    string // one of DeviceTypes, or newer
	ProductNumber string // empty for emulated devices
}

// Raw returns the bytes that Decode was given.
func (e *Event) Raw() []byte { return e.raw }

// DeviceID returns the id of the device that the event is about, or "" if it is
// about none. Ids have no fixed length: emulated devices have longer ones.
func (e *Event) DeviceID() string {
	if id := segmentAfter(e.TargetName, "devices/"); id != "" {
		return id
	}
	return e.Metadata.DeviceID
}

// ProjectID returns the id of the project that the event belongs to, or "".
func (e *Event) ProjectID() string {
	if id := segmentAfter(e.TargetName, "projects/"); id != "" {
		return id
	}
	return e.Metadata.ProjectID
}

// DeviceType returns the type of the device, or "" when the body does not say.
func (e *Event) DeviceType() string { return e.Metadata.DeviceType }

// DisplayName returns what DT Studio shows for the device: its label "name", or
// its id when it has none.
func (e *Event) DisplayName() string {
	if name, ok := e.Labels.Get("name"); ok && name != "" {
		return name
	}
	return e.DeviceID()
}

// Time parses Timestamp. The error is that of [time.Parse].
func (e *Event) Time() (time.Time, error) {
	return time.Parse(time.RFC3339Nano, e.Timestamp)
}

// segmentAfter returns the path segment of name that follows collection, which
// ends in a slash and stands at the start of name or after a slash.
func segmentAfter(name, collection string) string {
	for {
		i := strings.Index(name, collection)
		if i < 0 {
			return ""
		}
		rest := name[i+len(collection):]
		if i == 0 || name[i-1] == '/' {
			id, _, _ := strings.Cut(rest, "/")
			return id
		}
		name = rest
	}
}
