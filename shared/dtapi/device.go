package dtapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"
)

// A Device is a sensor or a Cloud Connector.
type Device struct {
	Name DeviceName
	// Type is one of event.DeviceTypes or newer.
	Type string
	// ProductNumber is empty for emulated devices.
	ProductNumber string
	// Labels are all labels of the device; the value of one may be empty.
	Labels map[string]string
	// Reported is the data of the newest event of each type, by type, as it was sent;
	// null for types that the device has never sent.
	Reported map[string]json.RawMessage
}

// A DeviceQuery says which devices are wanted: those of Project, or those of
// Organization.
type DeviceQuery struct {
	// Project is "P" or "projects/P".
	Project string
	// Organization is "O" or "organizations/O": all devices of its projects that the
	// service account can see.
	Organization string
	// Projects, with Organization, are the only projects that are wanted, "P" or
	// "projects/P"; none means all.
	Projects []string
	// IDs are the only devices that are wanted, by id; none means all.
	IDs []string
	// Types are the only device types that are wanted; none means all.
	Types []string
	// Labels are those that the devices must have, "key" or "key=value"; none means
	// all devices.
	Labels []string
}

// Devices returns devices as pages come, 100 at a time, DT's most. An error is the
// last that is returned. It needs RoleUser.
func (c *Client) Devices(ctx context.Context, q DeviceQuery) iter.Seq2[Device, error] {
	r, err := q.request()
	if err != nil {
		return fail[Device](err)
	}
	return list(ctx, c, r, "devices", decodeDevice)
}

// Device returns one device. Its project may be AnyProject. It needs RoleUser.
func (c *Client) Device(ctx context.Context, name DeviceName) (Device, error) {
	name, err := ParseDeviceName(string(name))
	if err != nil {
		return Device{}, err
	}
	r := read(name.Project(), "/"+string(name), nil)
	answer, err := c.do(ctx, r)
	if err != nil {
		return Device{}, err
	}
	d, err := decodeDevice(answer)
	if err != nil {
		return Device{}, r.malformed(err)
	}
	return d, nil
}

func (q DeviceQuery) request() (*request, error) {
	query := url.Values{"page_size": {"100"}}
	addAll(query, "device_ids", q.IDs)
	addAll(query, "device_types", q.Types)
	addAll(query, "label_filters", q.Labels)
	if (q.Project == "") == (q.Organization == "") {
		return nil, fmt.Errorf("%w: devices: want a project or an organization, not both", ErrInvalid)
	}
	if q.Project != "" {
		id, err := ParseProject(q.Project)
		if err != nil {
			return nil, err
		}
		if len(q.Projects) > 0 {
			return nil, fmt.Errorf("%w: devices: projects go with an organization", ErrInvalid)
		}
		return read(id, "/projects/"+id+"/devices", query), nil
	}
	organization, err := parseOrganization(q.Organization)
	if err != nil {
		return nil, err
	}
	query.Set("organization", "organizations/"+organization)
	for _, project := range q.Projects {
		id, err := ParseProject(project)
		if err != nil {
			return nil, err
		}
		query.Add("projects", "projects/"+id)
	}
	r := read(AnyProject, "/projects/"+AnyProject+"/devices", query)
	r.scope = "the organization or its projects"
	return r, nil
}

func addAll(query url.Values, name string, values []string) {
	for _, value := range values {
		query.Add(name, value)
	}
}

func decodeDevice(data []byte) (Device, error) {
	var d Device
	err := eachMember(data, func(name string, value jsontext.Value) (err error) {
		switch fold(name) {
		case "name":
			var s string
			s, err = text(value)
			d.Name = DeviceName(s)
		case "type":
			d.Type, err = text(value)
		case "productnumber":
			d.ProductNumber, err = text(value)
		case "labels":
			d.Labels, err = decodeLabels(value)
		case "reported":
			d.Reported, err = decodeReported(value)
		}
		return err
	})
	if err == nil && d.Name == "" {
		err = fmt.Errorf("%w: a device without a name", errShape)
	}
	return d, err
}

func decodeLabels(data jsontext.Value) (map[string]string, error) {
	labels := map[string]string{}
	if data.Kind() == 'n' {
		return labels, nil
	}
	err := eachMember(data, func(name string, value jsontext.Value) (err error) {
		labels[name], err = text(value)
		return err
	})
	return labels, err
}

func decodeReported(data jsontext.Value) (map[string]json.RawMessage, error) {
	if data.Kind() == 'n' {
		return nil, nil
	}
	reported := map[string]json.RawMessage{}
	err := eachMember(data, func(name string, value jsontext.Value) error {
		// A copy: who keeps a device must not keep the page.
		reported[name] = json.RawMessage(value.Clone())
		return nil
	})
	return reported, err
}
