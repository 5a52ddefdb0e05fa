package dtcloud

import (
	"errors"
	"net/http"
	"strings"

	"github.com/dt-functions/dt-functions/shared/event"
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
	d, err := k.device(RoleUser, "")
	if err != nil {
		return nil, err
	}
	part, next, err := page(k, d.labels, func(l event.Label) string { return l.Key })
	if err != nil {
		return nil, err
	}
	shown := make([]shownLabel, 0, len(part))
	for _, l := range part {
		shown = append(shown, d.showLabel(l))
	}
	return map[string]any{"labels": shown, "nextPageToken": next}, nil
}

func (d *device) showLabel(l event.Label) shownLabel {
	return shownLabel{d.name + "/labels/" + l.Key, l.Value}
}

// label returns the device and the label of the path. c.mu is held.
func (k *call) label(role string) (*device, event.Label, error) {
	d, err := k.device(role, "")
	if err != nil {
		return nil, event.Label{}, err
	}
	key := k.request.PathValue("key")
	value, ok := d.labels.Get(key)
	if !ok {
		return nil, event.Label{}, failure(http.StatusNotFound, "not found: %s has no label %.60q", d.name, key)
	}
	return d, event.Label{Key: key, Value: value}, nil
}

func (k *call) getLabel() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, l, err := k.label(RoleUser)
	if err != nil {
		return nil, err
	}
	return d.showLabel(l), nil
}

func (k *call) createLabel() (any, error) {
	var wanted struct{ Key, Name, Value string }
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	key := wanted.Key
	if key == "" {
		key = wanted.Name[strings.LastIndexByte(wanted.Name, '/')+1:]
	}
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, err := k.device(RoleDeveloper, "")
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, failure(http.StatusBadRequest, "invalid argument: a label needs a key")
	}
	if _, there := d.labels.Get(key); there {
		return nil, failure(http.StatusConflict, "already exists: %s has a label %.60q", d.name, key)
	}
	return k.setLabel(d, event.Label{Key: key, Value: wanted.Value}), nil
}

func (k *call) patchLabel() (any, error) {
	var wanted struct{ Value string }
	if err := k.decode(&wanted); err != nil {
		return nil, err
	}
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, l, err := k.label(RoleDeveloper)
	if err != nil {
		return nil, err
	}
	l.Value = wanted.Value
	return k.setLabel(d, l), nil
}

// setLabel gives d the label l. c.mu is held.
func (k *call) setLabel(d *device, l event.Label) shownLabel {
	k.cloud.setLabels(d, map[string]string{l.Key: l.Value}, nil, k.cloud.clock.Now())
	return d.showLabel(l)
}

func (k *call) deleteLabel() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	d, l, err := k.label(RoleDeveloper)
	if err != nil {
		return nil, err
	}
	k.cloud.setLabels(d, nil, []string{l.Key}, k.cloud.clock.Now())
	return struct{}{}, nil
}
