// Package filter says which events are wanted: by event type, device type,
// project and labels. A filter is compiled once at start.
package filter

import (
	"errors"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/label"
)

// A Config says which events are wanted. An event passes when it passes all of
// the four; an empty list and a nil selector pass every event.
type Config struct {
	// EventTypes are wanted values of event.eventType, such as "temperature".
	EventTypes []string
	// DeviceTypes are wanted values of metadata.deviceType, such as
	// "proximity". The list says what is wanted, so an event that does not tell
	// its device type (bodies before January 2022, events that no device sent)
	// is on no list.
	DeviceTypes []string
	// Projects are ids of wanted projects, as P or projects/P. An event that
	// belongs to no project is on no list.
	Projects []string
	// Selector says which labels are wanted. It sees the labels as DT sent
	// them, before any label rules, and only those that the connector includes.
	Selector *label.Selector
}

// A Reason says why an event is not wanted; "" that it is.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	ReasonEventType  Reason = "event-type"
	ReasonDeviceType Reason = "device-type"
	ReasonProject    Reason = "project"
	ReasonLabels     Reason = "labels"
)

// A Filter is a compiled Config. It is immutable and safe for concurrent use. A
// nil Filter matches all events.
type Filter struct {
	eventTypes, deviceTypes, projects set
	selector                          *label.Selector
	unknown                           []string
}

// A set has the wanted names; an empty one wants all.
type set map[string]struct{}

// lacks says whether name is not wanted.
func (s set) lacks(name string) bool {
	if len(s) == 0 {
		return false
	}
	_, ok := s[name]
	return !ok
}

// New compiles c. Blanks around a name and names given twice do not matter.
//
// DT adds types over time, so a type that this bundle does not know is taken as
// it is (see [Filter.Unknown]), unless it looks like a known one spelled wrong.
// The error joins a *[NameError] for every fault there is.
func New(c Config) (*Filter, error) {
	f := &Filter{selector: c.Selector}
	var faults []error
	f.eventTypes = f.types(KindEventType, c.EventTypes, event.Types(), &faults)
	f.deviceTypes = f.types(KindDeviceType, c.DeviceTypes, event.DeviceTypes(), &faults)
	f.projects = projects(c.Projects, &faults)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return f, nil
}

// Match says whether e is wanted, and if not, why: the first reason there is. It
// allocates nothing.
func (f *Filter) Match(e *event.Event) (ok bool, reason Reason) {
	switch {
	case f == nil:
		return true, ""
	case f.eventTypes.lacks(e.Type):
		return false, ReasonEventType
	case f.deviceTypes.lacks(e.DeviceType()):
		return false, ReasonDeviceType
	case len(f.projects) > 0 && f.projects.lacks(e.ProjectID()):
		return false, ReasonProject
	case !f.selector.Matches(e.Labels):
		return false, ReasonLabels
	}
	return true, ""
}

// Unknown returns the names of event types and device types that were taken
// although this bundle does not know them, for a warning at start: event types
// first, each in the order given.
func (f *Filter) Unknown() []string {
	if f == nil {
		return nil
	}
	return append([]string(nil), f.unknown...)
}
