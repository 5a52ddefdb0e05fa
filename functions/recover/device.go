package recover

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
)

// A device is one whose events are to be fetched.
type device struct {
	id   string
	name dtapi.DeviceName
	// types are the event types to ask for; empty means all.
	types []string
	// envelope is what a connector puts round the device's events.
	envelope envelope
}

// devices returns the devices whose events the connector delivers and the filter
// lets pass, by id.
func (r *run) devices(ctx context.Context, only []string) ([]device, error) {
	missing := make(map[string]bool)
	for _, id := range only {
		missing[id] = true
	}
	wanted := func(id string) bool { return len(only) == 0 || slices.Contains(only, id) }
	var devices []device
	for d, err := range r.config.Client.Devices(ctx, dtapi.DeviceQuery{Project: r.name.Project()}) {
		if err != nil {
			return nil, fmt.Errorf("listing the devices: %w", err)
		}
		id := d.Name.ID()
		if !wanted(id) {
			continue
		}
		delete(missing, id)
		next := device{id: id, name: d.Name, envelope: newEnvelope(d, r.is.Labels)}
		var ok bool
		if next.types, ok = r.types(next); ok {
			devices = append(devices, next)
		}
	}
	for _, id := range only {
		if missing[id] {
			return nil, fmt.Errorf("device %q is not in project %s", id, r.name.Project())
		}
	}
	slices.SortFunc(devices, func(a, b device) int { return cmp.Compare(a.id, b.id) })
	return devices, nil
}

// types returns the event types to ask for, none for all, and whether there is
// anything to ask for: requests are what recover must be sparing with.
func (r *run) types(d device) ([]string, bool) {
	candidates, all := slices.Clone(r.is.Events), len(r.is.Events) == 0
	if all {
		candidates = append(event.Types(), r.config.Handler.Filter.Unknown()...)
	}
	// DT's event history does not have these.
	candidates = slices.DeleteFunc(candidates, func(t string) bool { return t == event.TypeLabelsChanged })
	var types []string
	for _, t := range candidates {
		ok, reason := r.config.Handler.Filter.Match(d.envelope.sample(d.name, t))
		switch {
		case ok && !slices.Contains(types, t):
			types = append(types, t)
		case !ok && reason != filter.ReasonEventType:
			return nil, false // nothing of this device passes
		}
	}
	if all && len(types) == len(candidates) {
		return nil, true
	}
	return types, len(types) > 0
}

// sample returns an event of that type as the filter sees one of this device.
func (e envelope) sample(name dtapi.DeviceName, eventType string) *event.Event {
	raw := fmt.Sprintf(`{"eventId":"-","targetName":%s,"eventType":%s}`, quote(string(name)), quote(eventType))
	ev, err := event.Decode(e.wrap([]byte(raw)))
	if err != nil {
		// Never: both texts are valid.
		return &event.Event{Type: eventType, TargetName: string(name)}
	}
	return ev
}
