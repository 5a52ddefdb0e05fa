package dtcloud

import (
	"errors"
	"strings"
)

// updateLabels changes labels of many devices; what fails for one does not keep the
// others from being changed.
func (k *call) updateLabels() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	var wanted struct {
		Devices      []string
		AddLabels    map[string]string
		RemoveLabels []string
	}
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	type status struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	type batchError struct {
		Device string `json:"device"`
		Status status `json:"status"`
	}
	failed := []batchError{}
	prefix := "projects/" + k.request.PathValue("project") + "/devices/"
	for _, name := range wanted.Devices {
		if !strings.HasPrefix(name, prefix) {
			failed = append(failed, batchError{name, status{"INVALID_ARGUMENT", "the device is not in this project"}})
			continue
		}
		switch err := k.cloud.SetLabels(name, wanted.AddLabels, wanted.RemoveLabels...); {
		case errors.Is(err, ErrNotFound):
			failed = append(failed, batchError{name, status{"NOT_FOUND", "device not found"}})
		case err != nil:
			failed = append(failed, batchError{name, status{"INVALID_ARGUMENT", err.Error()}})
		}
	}
	return map[string]any{"batchErrors": failed}, nil
}

// A shownLabel is a label as the API has it.
type shownLabel struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (k *call) listLabels() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, _, err := k.device(RoleUser)
	if err != nil {
		return nil, err
	}
	all := []shownLabel{}
	for _, l := range d.labels {
		all = append(all, shownLabel{d.name + "/labels/" + l.Key, l.Value})
	}
	part, next, err := page(k, all, func(l shownLabel) string { return l.Name })
	return map[string]any{"labels": part, "nextPageToken": next}, err
}

func (k *call) createLabel() (any, error) {
	var wanted struct{ Key, Name, Value string }
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	if wanted.Key == "" {
		wanted.Key = wanted.Name[strings.LastIndexByte(wanted.Name, '/')+1:]
	}
	return k.setLabel(wanted.Key, wanted.Value)
}

func (k *call) patchLabel() (any, error) {
	var wanted struct{ Value string }
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	return k.setLabel(k.request.PathValue("key"), wanted.Value)
}

func (k *call) setLabel(key, value string) (any, error) {
	name, err := k.deviceName(RoleDeveloper)
	if err != nil {
		return nil, err
	}
	if err := k.cloud.SetLabels(name, map[string]string{key: value}); err != nil {
		return nil, err
	}
	return shownLabel{name + "/labels/" + key, value}, nil
}

func (k *call) deleteLabel() (any, error) {
	name, err := k.deviceName(RoleDeveloper)
	if err != nil {
		return nil, err
	}
	return struct{}{}, k.cloud.SetLabels(name, nil, k.request.PathValue("key"))
}

// deviceName returns the full name of the path's device.
func (k *call) deviceName(role string) (string, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, _, err := k.device(role)
	if err != nil {
		return "", err
	}
	return d.name, nil
}
