package dtapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A LabelChange is what SetLabels changes on every one of Devices.
type LabelChange struct {
	// Devices are devices of one project.
	Devices []DeviceName
	// Set are labels to add, or to change where they exist.
	Set map[string]string
	// Remove are the keys of labels to remove; one that a device does not have is no
	// error.
	Remove []string
}

// SetLabels changes labels of devices. Where that fails for some devices only, the
// error is a *LabelError, and the others are changed. It needs RoleDeveloper.
func (c *Client) SetLabels(ctx context.Context, change LabelChange) error {
	r, err := change.request()
	if err != nil {
		return err
	}
	answer, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	failures, err := decodeBatchErrors(answer)
	switch {
	case err != nil:
		return r.malformed(err)
	case len(failures) > 0:
		return &LabelError{Failures: failures}
	}
	return nil
}

func (l LabelChange) request() (*request, error) {
	if len(l.Devices) == 0 || len(l.Set)+len(l.Remove) == 0 {
		return nil, fmt.Errorf("%w: labels: want a device or more, and a label or more", ErrInvalid)
	}
	for _, name := range l.Devices {
		if _, err := ParseDeviceName(string(name)); err != nil {
			return nil, err
		}
	}
	project := l.Devices[0].Project()
	if i := slices.IndexFunc(l.Devices, func(n DeviceName) bool { return n.Project() != project }); i >= 0 {
		return nil, fmt.Errorf("%w: labels: device %s is of another project than %s", ErrInvalid, l.Devices[i], l.Devices[0])
	}
	w := newObject()
	w.member("devices", l.Devices)
	if len(l.Set) > 0 {
		w.member("addLabels", l.Set)
	}
	if len(l.Remove) > 0 {
		w.member("removeLabels", l.Remove)
	}
	return write(http.MethodPost, project, "/projects/"+project+"/devices:batchUpdate", w.bytes()), nil
}

// A LabelError says for which devices the labels were not changed.
type LabelError struct {
	// Failures are one a device; there is at least one.
	Failures []DeviceFailure
}

// A DeviceFailure is why something was not done to one device.
type DeviceFailure struct {
	Device DeviceName
	// Code is DT's: INVALID_ARGUMENT, NOT_FOUND, INTERNAL_ERROR or newer.
	Code string
	// Message is DT's.
	Message string
}

// Error names the first few devices and what is wrong with them.
func (e *LabelError) Error() string {
	const shown = 3
	var texts []string
	for i, f := range e.Failures {
		if i == shown {
			texts = append(texts, fmt.Sprintf("and %d more", len(e.Failures)-shown))
			break
		}
		texts = append(texts, f.Error())
	}
	return fmt.Sprintf("dtapi: labels of %d device(s) not changed: %s", len(e.Failures), strings.Join(texts, "; "))
}

// Unwrap returns the failures, so that errors.Is finds what they stand for.
func (e *LabelError) Unwrap() []error {
	all := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		all[i] = f
	}
	return all
}

// Error says what is wrong, on one line.
func (f DeviceFailure) Error() string {
	return fmt.Sprintf("%s: %s: %s", f.Device, f.Code, f.Message)
}

// Is reports whether f is what target, one of the errors of this package, stands for.
func (f DeviceFailure) Is(target error) bool {
	switch f.Code {
	case "INVALID_ARGUMENT":
		return target == ErrInvalid
	case "NOT_FOUND":
		return target == ErrNotFound
	case "PERMISSION_DENIED":
		return target == ErrForbidden
	case "INTERNAL_ERROR":
		return target == ErrUnavailable
	}
	return false
}

// decodeBatchErrors reads {"batchErrors": [{"device": name, "status": {"code": text,
// "message": text}}]}.
func decodeBatchErrors(data []byte) ([]DeviceFailure, error) {
	var failures []DeviceFailure
	one := func(value jsontext.Value) error {
		f, err := decodeFailure(value)
		failures = append(failures, f)
		return err
	}
	err := eachMember(data, func(name string, value jsontext.Value) error {
		if fold(name) == "batcherrors" {
			return eachElement(value, one)
		}
		return nil
	})
	return failures, err
}

func decodeFailure(data jsontext.Value) (DeviceFailure, error) {
	var f DeviceFailure
	var member func(name string, value jsontext.Value) error
	member = func(name string, value jsontext.Value) (err error) {
		var s string
		switch fold(name) {
		case "status":
			return eachMember(value, member)
		case "device":
			// DT puts a slash before this name.
			s, err = text(value)
			f.Device = DeviceName(oneLine(strings.TrimPrefix(s, "/"), maxMessage))
		case "code":
			if s, err = text(value); errors.Is(err, errShape) {
				s, err = string(value), nil // a number, elsewhere in DT's API
			}
			f.Code = oneLine(s, maxID)
		case "message":
			s, err = text(value)
			f.Message = oneLine(s, maxMessage)
		}
		return err
	}
	return f, eachMember(data, member)
}
