package settings

import (
	"errors"
	"slices"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// Handling says what happens to an event that is known to be authentic. It is
// the same for every function that events go through.
type Handling struct {
	// Filter says which events pass (DT_EVENT_TYPES, DT_DEVICE_TYPES,
	// DT_PROJECTS, DT_LABEL_SELECTOR); never nil.
	Filter *filter.Filter
	// Labels says which labels go on (DT_LABELS, DT_LABEL_DEFAULTS); never nil,
	// and without effect when Encoding is raw.
	Labels *label.Rules
	// Encoding is the form in which events go on (DT_ENCODING).
	Encoding event.Encoding
	// Sinks are where events go (DT_SINK); at least one, none twice.
	Sinks []URL
	// DeadLetter is where authentic events go that cannot be decoded
	// (DT_DEAD_LETTER); zero when they go to Sinks.
	DeadLetter URL
	// ForwardSecret is what sinks that forward events sign with
	// (DT_FORWARD_SECRET). It is set when there is such a sink.
	ForwardSecret secret.Text
}

func (l *loader) handling(drivers Drivers) Handling {
	h := Handling{
		Filter:        l.filter(),
		Labels:        l.labels(),
		Encoding:      l.encoding(),
		Sinks:         l.sinks(drivers),
		DeadLetter:    l.deadLetter(drivers),
		ForwardSecret: l.secret(forwardSecret),
	}
	l.checkForwarding(h)
	if h.Encoding == event.RawBody {
		for _, name := range []string{labelNames, labelDefaults} {
			if l.text(name) != "" {
				l.fault(encodingName, "raw is the body as it was received, to which the rules of "+name+" cannot be applied")
			}
		}
	}
	return h
}

func (l *loader) filter() *filter.Filter {
	selector, err := label.ParseSelector(l.env[labelSelector])
	if err != nil {
		l.fault(labelSelector, err.Error())
	}
	c := filter.Config{
		EventTypes:  l.list(eventTypes),
		DeviceTypes: l.list(deviceTypes),
		Projects:    l.list(projectIDs),
		Selector:    selector,
	}
	f, err := filter.New(c)
	for _, e := range separate(err) {
		l.filterFault(e)
	}
	for _, name := range f.Unknown() {
		variable := deviceTypes
		if slices.Contains(c.EventTypes, name) {
			variable = eventTypes
		}
		l.warn(variable, quote(name)+" is not known to this version; it is taken as it is")
	}
	return f
}

// filterFault notes an error of package filter at the variable it is about.
func (l *loader) filterFault(err error) {
	var name *filter.NameError
	if !errors.As(err, &name) {
		l.fault(eventTypes, err.Error())
		return
	}
	shown := *name
	shown.Name = shorten(name.Name)
	switch name.Kind {
	case filter.KindEventType:
		l.fault(eventTypes, shown.Error())
	case filter.KindDeviceType:
		l.fault(deviceTypes, shown.Error())
	default:
		l.fault(projectIDs, shown.Error())
	}
}

// separate returns the errors that err joins.
func separate(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}

func (l *loader) labels() *label.Rules {
	selected, err := label.ParseSelect(l.env[labelNames])
	if err != nil {
		l.fault(labelNames, err.Error())
	}
	defaults, errDefaults := label.ParseDefaults(l.env[labelDefaults])
	if errDefaults != nil {
		l.fault(labelDefaults, errDefaults.Error())
	}
	if err != nil || errDefaults != nil {
		return nil
	}
	rules, err := label.NewRules(selected, defaults)
	if err != nil {
		l.fault(labelDefaults, err.Error())
	}
	return rules
}

func (l *loader) encoding() event.Encoding {
	text := l.text(encodingName)
	if text == "" {
		return event.CloudEvents
	}
	e, err := event.ParseEncoding(text)
	if err != nil {
		l.fault(encodingName, quote(text)+" is not an encoding")
	}
	return e
}
