package doctor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/cmd/dtfn/sample"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/label"
)

// Device is the id of the device that the synthetic event is of, and the key of a label
// that it has, so that consumers can tell it from a sensor's.
const Device = "dt-functions-doctor"

// mark is the value of what only has to be there.
const mark = "dt-functions-doctor"

// synthesize returns an event that passes the filter of these settings as far as the
// lists go. With nil settings it is any event.
func (r *run) synthesize(settings map[string]string) sample.Event {
	s := sample.Event{
		Type: event.TypeTouch, Device: Device, Project: "dtfunctionsdoctor000",
		Labels: map[string]string{Device: "true", "name": "dtfn doctor (synthetic event)"},
	}
	// A touch has no value that could be taken for a measurement.
	if types := list(settings["DT_EVENT_TYPES"]); len(types) > 0 && !slices.Contains(types, s.Type) {
		s.Type = types[0]
	}
	s.DeviceType = sample.DeviceType(s.Type)
	if types := list(settings["DT_DEVICE_TYPES"]); len(types) > 0 && !slices.Contains(types, s.DeviceType) {
		s.DeviceType = types[0]
	}
	for _, name := range r.Deployment.Connectors {
		if n, err := dtapi.ParseConnectorName(name); err == nil {
			s.Project = n.Project()
			break
		}
	}
	if projects := list(settings["DT_PROJECTS"]); len(projects) > 0 {
		for i, p := range projects {
			projects[i] = strings.TrimPrefix(p, "projects/")
		}
		if !slices.Contains(projects, s.Project) {
			s.Project = projects[0]
		}
	}
	return s
}

// list takes a comma-separated setting apart.
func list(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// errImpossible means that no event can pass a filter.
var errImpossible = errors.New("no event can pass the filter")

// passing returns an event that passes the filter that settings describe. The error
// says which setting is wrong, or wraps errImpossible.
func (r *run) passing(settings map[string]string) (sample.Event, error) {
	s := r.synthesize(settings)
	selector, err := label.ParseSelector(settings["DT_LABEL_SELECTOR"])
	if err != nil {
		return s, fmt.Errorf("DT_LABEL_SELECTOR: %w", err)
	}
	keys, all := wishes(selector)
	for _, key := range keys {
		value, there, ok := all[key].value()
		if !ok {
			return s, fmt.Errorf("%w: what DT_LABEL_SELECTOR wants of the label %q excludes itself", errImpossible, key)
		}
		if delete(s.Labels, key); there {
			s.Labels[key] = value
		}
	}
	f, err := filter.New(filter.Config{
		EventTypes: list(settings["DT_EVENT_TYPES"]), DeviceTypes: list(settings["DT_DEVICE_TYPES"]),
		Projects: list(settings["DT_PROJECTS"]), Selector: selector,
	})
	if err != nil {
		return s, err
	}
	_, body, err := s.Body(r.dtNow(), r.Random)
	if err != nil {
		return s, err
	}
	ev, err := event.Decode(body)
	if err != nil {
		return s, err
	}
	if ok, reason := f.Match(ev); !ok {
		return s, fmt.Errorf("%w: %s", errImpossible, reason)
	}
	return s, nil
}
