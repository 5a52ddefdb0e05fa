package dtcloud

import (
	"encoding/json"
	"net/http"
)

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

// replaceDevice gives an emulated device other labels, as DT's Terraform provider
// does: with the whole device. Its type stays.
func (k *call) replaceDevice() (any, error) {
	var wanted struct {
		Type   string
		Labels map[string]string
	}
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	if _, ok := wanted.Labels[""]; ok {
		return nil, failure(http.StatusBadRequest, "invalid argument: labels: a label needs a key")
	}
	c := k.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := k.emulated("")
	if err != nil {
		return nil, err
	}
	if wanted.Type != "" && wanted.Type != d.deviceType {
		return nil, failure(http.StatusBadRequest, "invalid argument: type: it cannot be changed: create another device")
	}
	var gone []string
	for _, l := range d.labels {
		if l.Key != virtualSensor {
			gone = append(gone, l.Key)
		}
	}
	c.setLabels(d, wanted.Labels, gone, c.clock.Now())
	return d.snapshot(), nil
}

// emulated returns the emulated device of the path, which the account may change.
// c.mu is held.
func (k *call) emulated(method string) (*device, error) {
	d, err := k.device(RoleDeveloper, method)
	if err != nil {
		return nil, err
	}
	if d.sensor != nil {
		return nil, failure(http.StatusBadRequest, "invalid argument: %s is not emulated: this is for emulated devices only", d.name)
	}
	return d, nil
}

func (k *call) deleteDevice() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, err := k.emulated("")
	if err != nil {
		return nil, err
	}
	k.cloud.removeDevice(d)
	return struct{}{}, nil
}

// publishEvent lets an emulated device emit an event (DT: Emulator API).
func (k *call) publishEvent() (any, error) {
	k.cloud.mu.Lock()
	d, err := k.emulated("publish")
	k.cloud.mu.Unlock()
	if err != nil {
		return nil, err
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
