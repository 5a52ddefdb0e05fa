package dtcloud

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/event"
)

// anyProject stands for the project of a device when it is not known.
const anyProject = "-"

// device returns the device of the path, in whose project the account has at least
// that role; method is what the path is to end in after ":". c.mu is held.
func (k *call) device(role, method string) (*device, error) {
	id, got := k.last()
	project := k.request.PathValue("project")
	if project != anyProject {
		p, err := k.project(role)
		if err != nil {
			return nil, err
		}
		if got != method {
			return nil, k.unknown(got)
		}
		return k.cloud.device(p.name + "/devices/" + id)
	}
	if got != method {
		return nil, k.unknown(got)
	}
	for _, d := range k.cloud.order {
		if d.id == id && k.account.may(role, d.project) {
			return d, nil
		}
	}
	return nil, failure(http.StatusNotFound, "device %q: not found", id)
}

func (k *call) listDevices() (any, error) {
	c := k.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	devices, err := k.devices()
	if err != nil {
		return nil, err
	}
	part, next, err := page(k, devices, func(d *device) string { return position(d.serial) })
	if err != nil {
		return nil, err
	}
	shown := make([]Device, 0, len(part))
	for _, d := range part {
		shown = append(shown, d.snapshot())
	}
	return map[string]any{"devices": shown, "nextPageToken": next}, nil
}

// devices returns the devices that a list is to have. c.mu is held.
func (k *call) devices() ([]*device, error) {
	c := k.cloud
	var all []*device
	if k.request.PathValue("project") != anyProject {
		p, err := k.project(RoleUser)
		if err != nil {
			return nil, err
		}
		all = p.devices
	} else {
		organization := k.query("organization", "organization")
		if len(organization) == 0 || strings.TrimPrefix(organization[0], "organizations/") != c.config.Organization {
			return nil, failure(http.StatusBadRequest, "invalid argument: projects/- takes organization=organizations/ID, one that you can see")
		}
		only := k.query("projects", "projects")
		for _, d := range c.order {
			if k.account.may(RoleUser, d.project) && (len(only) == 0 || slices.Contains(only, d.project.name) || slices.Contains(only, d.project.id)) {
				all = append(all, d)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(d *device) bool { return !k.wants(d) }), nil
}

// wants tells whether the filters of a list let d pass.
func (k *call) wants(d *device) bool {
	in := func(value string, camel, snake string) bool {
		wanted := k.query(camel, snake)
		return len(wanted) == 0 || slices.Contains(wanted, value)
	}
	if !in(d.id, "deviceIds", "device_ids") || !in(d.deviceType, "deviceTypes", "device_types") || !in(d.productNumber, "productNumbers", "product_numbers") {
		return false
	}
	for _, wanted := range k.query("labelFilters", "label_filters") {
		key, value, withValue := strings.Cut(wanted, "=")
		has, ok := d.labels.Get(key)
		// DT's Python client writes "key=" for a key with any value.
		if !ok || withValue && value != "" && has != value {
			return false
		}
	}
	for _, text := range k.query("query", "query") {
		if !d.mentions(text) {
			return false
		}
	}
	return true
}

// mentions tells whether text is a part of the device's type, id or labels, in upper
// or lower case.
func (d *device) mentions(text string) bool {
	text = strings.ToLower(text)
	in := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	return in(d.deviceType) || in(d.id) ||
		slices.ContainsFunc(d.labels, func(l event.Label) bool { return in(l.Key) || in(l.Value) })
}

func (k *call) getDevice() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, err := k.device(RoleUser, "")
	if err != nil {
		return nil, err
	}
	return d.snapshot(), nil
}
