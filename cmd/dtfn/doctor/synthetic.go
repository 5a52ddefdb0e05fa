package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

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

// A synthetic is an event to make.
type synthetic struct {
	eventType, deviceType, project string
	data                           string
	labels                         map[string]string
}

// synthesize returns an event that passes the filter of these settings as far as the
// lists go. With nil settings it is any event.
func (r *run) synthesize(settings map[string]string) synthetic {
	s := synthetic{eventType: event.TypeTouch, project: "dtfunctionsdoctor000", labels: map[string]string{Device: "true", "name": "dtfn doctor (synthetic event)"}}
	// A touch has no value that could be taken for a measurement.
	if types := list(settings["DT_EVENT_TYPES"]); len(types) > 0 && !slices.Contains(types, s.eventType) {
		s.eventType = types[0]
	}
	s.deviceType, s.data = r.Sample(s.eventType)
	if types := list(settings["DT_DEVICE_TYPES"]); len(types) > 0 && !slices.Contains(types, s.deviceType) {
		s.deviceType = types[0]
	}
	for _, name := range r.Deployment.Connectors {
		if n, err := dtapi.ParseConnectorName(name); err == nil {
			s.project = n.Project()
			break
		}
	}
	if projects := list(settings["DT_PROJECTS"]); len(projects) > 0 {
		for i, p := range projects {
			projects[i] = strings.TrimPrefix(p, "projects/")
		}
		if !slices.Contains(projects, s.project) {
			s.project = projects[0]
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
func (r *run) passing(settings map[string]string) (synthetic, error) {
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
		if delete(s.labels, key); there {
			s.labels[key] = value
		}
	}
	f, err := filter.New(filter.Config{
		EventTypes: list(settings["DT_EVENT_TYPES"]), DeviceTypes: list(settings["DT_DEVICE_TYPES"]),
		Projects: list(settings["DT_PROJECTS"]), Selector: selector,
	})
	if err != nil {
		return s, err
	}
	_, body, err := s.body(r.dtNow(), r.Random)
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

// body returns the event's id and its body in the form that DT sends.
func (s synthetic) body(now time.Time, random io.Reader) (id string, body []byte, err error) {
	if id, err = event.NewID(now, random); err != nil {
		return "", nil, err
	}
	when := now.UTC().Format("2006-01-02T15:04:05.000000Z")
	data := json.RawMessage(strings.ReplaceAll(s.data, "TIME", when))
	if s.eventType != event.TypeLabelsChanged {
		if data, err = json.Marshal(map[string]json.RawMessage{s.eventType: data}); err != nil {
			return "", nil, err
		}
	}
	type envelope struct {
		EventID    string          `json:"eventId"`
		TargetName string          `json:"targetName"`
		EventType  string          `json:"eventType"`
		Data       json.RawMessage `json:"data"`
		Timestamp  string          `json:"timestamp"`
	}
	type metadata struct {
		DeviceID      string `json:"deviceId"`
		ProjectID     string `json:"projectId"`
		DeviceType    string `json:"deviceType"`
		ProductNumber string `json:"productNumber"`
	}
	body, err = json.Marshal(struct {
		Event    envelope          `json:"event"`
		Labels   map[string]string `json:"labels"`
		Metadata metadata          `json:"metadata"`
	}{
		envelope{id, "projects/" + s.project + "/devices/" + Device, s.eventType, data, when},
		maps.Clone(s.labels),
		metadata{Device, s.project, s.deviceType, ""},
	})
	return id, body, err
}
