package dtcloud

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// anyProject stands for the project of a device when it is not known.
const anyProject = "-"

// device returns the device of the path, in whose project the account has at least
// that role, and the method. c.mu is held.
func (k *call) device(role string) (*device, string, error) {
	id, method := k.last()
	project := k.request.PathValue("project")
	if project != anyProject {
		p, err := k.project(role)
		if err != nil {
			return nil, "", err
		}
		d, err := k.cloud.device(p.name + "/devices/" + id)
		return d, method, err
	}
	for _, d := range k.cloud.order {
		if d.id == id && k.account.may(role, d.project) {
			return d, method, nil
		}
	}
	return nil, "", failure(http.StatusNotFound, "device %q: not found", id)
}

func (k *call) listDevices() (any, error) {
	c := k.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	devices, err := k.devices()
	if err != nil {
		return nil, err
	}
	part, next, err := page(k, devices, func(d *device) string { return d.name })
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
		if !ok || withValue && has != value {
			return false
		}
	}
	return true
}

func (k *call) getDevice() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, method, err := k.device(RoleUser)
	if err != nil {
		return nil, err
	}
	if method != "" {
		return nil, k.unknown(method)
	}
	return d.snapshot(), nil
}

// createDevice makes an emulated device (DT: Emulator API).
func (k *call) createDevice() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	var wanted struct {
		Type   string
		Labels map[string]string
	}
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	name, err := k.cloud.AddDevice("projects/"+k.request.PathValue("project"), DeviceSpec{Type: wanted.Type, Labels: wanted.Labels, Emulated: true})
	if err != nil {
		return nil, err
	}
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	return k.cloud.devices[name].snapshot(), nil
}

func (k *call) deleteDevice() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, _, err := k.device(RoleDeveloper)
	if err != nil {
		return nil, err
	}
	if d.sensor != nil {
		return nil, failure(http.StatusBadRequest, "invalid argument: only emulated devices can be deleted")
	}
	k.cloud.removeDevice(d)
	return struct{}{}, nil
}

// publishEvent lets an emulated device emit an event (DT: Emulator API).
func (k *call) publishEvent() (any, error) {
	k.cloud.mu.Lock()
	d, method, err := k.device(RoleDeveloper)
	k.cloud.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case method != "publish":
		return nil, k.unknown(method)
	case d.sensor != nil:
		return nil, failure(http.StatusBadRequest, "invalid argument: only emulated devices can publish")
	}
	var values map[string]json.RawMessage
	if err := k.decode(&values); err != nil {
		return nil, err
	}
	if len(values) != 1 {
		return nil, failure(http.StatusBadRequest, "invalid argument: want one event type with its data")
	}
	for eventType, value := range values {
		if _, err := k.cloud.Publish(d.name, eventType, value); err != nil {
			return nil, err
		}
	}
	return struct{}{}, nil
}
