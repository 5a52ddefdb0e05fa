package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A decoder reads one body. Its texts are cut from one copy of the body, so that
// they cost one allocation together.
type decoder struct {
	json *jsontext.Decoder
	body []byte
	text string // body again, for cutting strings without copying
}

func newDecoder(body []byte) *decoder {
	return &decoder{
		// A bytes.Buffer is read in place, not copied.
		json: jsontext.NewDecoder(bytes.NewBuffer(body)),
		body: body,
		text: string(body),
	}
}

// An outermost is what the body's outermost object holds besides an event.
type outermost struct {
	event       bool           // "event": a DT body
	specVersion bool           // "specversion": a CloudEvent
	data        jsontext.Value // the CloudEvent's data
	recovered   bool           // the CloudEvent's extension attribute
}

// outermost reads the whole body into e.
func (d *decoder) outermost(e *Event) (outermost, error) {
	var o outermost
	e.members = make([]member, 0, 4)
	err := d.object("", func(name string) error {
		start := d.valueStart()
		if err := d.outermostValue(e, name); err != nil {
			return err
		}
		end := d.json.InputOffset()
		v := jsontext.Value(d.body[start:end:end])
		e.members = append(e.members, member{name, v})
		switch name {
		case "event":
			o.event = true
		case "specversion":
			o.specVersion = true
		case "data":
			o.data = v
		case "recovered":
			o.recovered = string(v) == "true"
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return o, fmt.Errorf("%w: something follows the outermost object", ErrSyntax)
	}
	return o, nil
}

func (d *decoder) outermostValue(e *Event, name string) error {
	switch name {
	case "event":
		return d.event(e)
	case "labels":
		return d.labels(e)
	case "metadata":
		return d.metadata(e)
	}
	_, err := d.value(name)
	return err
}

func (d *decoder) event(e *Event) error {
	return d.object("event", func(name string) (err error) {
		switch name {
		case "eventId":
			e.ID, err = d.requiredText("event.eventId")
		case "eventType":
			e.Type, err = d.requiredText("event.eventType")
		case "targetName":
			e.TargetName, err = d.requiredText("event.targetName")
		case "timestamp":
			e.Timestamp, err = d.requiredText("event.timestamp")
		case "data":
			e.Data, err = d.value("event.data")
		default:
			_, err = d.value("event." + name)
		}
		return err
	})
}

func (d *decoder) labels(e *Event) error {
	if d.json.PeekKind() == 'n' { // null stands for none
		_, err := d.value("labels")
		return err
	}
	return d.object("labels", func(key string) error {
		value, err := d.requiredText("labels: a value")
		if err != nil {
			return err
		}
		if e.Labels == nil {
			e.Labels = make(Labels, 0, 8)
		}
		e.Labels = append(e.Labels, Label{key, value})
		return nil
	})
}

// metadata takes what it knows and ignores the rest: DT says that the member may
// get another structure for events that no device sent (Receiving Events).
func (d *decoder) metadata(e *Event) error {
	if d.json.PeekKind() != '{' {
		_, err := d.value("metadata")
		return err
	}
	return d.object("metadata", func(name string) error {
		v, err := d.value("metadata")
		if err != nil || v.Kind() != '"' {
			return err
		}
		switch name {
		case "deviceId":
			e.Metadata.DeviceID = d.cut(v)
		case "projectId":
			e.Metadata.ProjectID = d.cut(v)
		case "deviceType":
			e.Metadata.DeviceType = d.cut(v)
		case "productNumber":
			e.Metadata.ProductNumber = d.cut(v)
		}
		return nil
	})
}

// object reads an object at path and calls member after each name; member reads
// the value.
func (d *decoder) object(path string, member func(name string) error) error {
	switch kind := d.json.PeekKind(); kind {
	case '{':
	case jsontext.KindInvalid: // the error is what reading returns
	default:
		return wrongKind(path, "an object", kind)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return syntax(err)
	}
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadValue()
		if err != nil {
			return syntax(err)
		}
		if err := member(d.cut(name)); err != nil {
			return err
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return syntax(err)
	}
	return nil
}

// value reads any value and returns the bytes of the body that hold it.
func (d *decoder) value(path string) (jsontext.Value, error) {
	v, err := d.json.ReadValue()
	if err != nil {
		return nil, syntax(err)
	}
	// The same bytes in the body: v itself lasts only until the next read.
	end := d.json.InputOffset()
	return d.body[end-int64(len(v)) : end : end], nil
}

// requiredText reads a string; any other kind is an error.
func (d *decoder) requiredText(path string) (string, error) {
	v, err := d.value(path)
	if err != nil {
		return "", err
	}
	if kind := v.Kind(); kind != '"' {
		return "", wrongKind(path, "a string", kind)
	}
	return d.cut(v), nil
}

// cut returns the text of the string v, which was read last. Only an escaped
// string is copied.
func (d *decoder) cut(v jsontext.Value) string {
	end := int(d.json.InputOffset())
	start := end - len(v)
	if bytes.IndexByte(v, '\\') < 0 {
		return d.text[start+1 : end-1]
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		// The decoder has just found it valid.
		panic("event: unquote: " + err.Error())
	}
	return string(text)
}

// valueStart returns where the value begins whose name was read last.
func (d *decoder) valueStart() int64 {
	i := d.json.InputOffset()
	for i < int64(len(d.body)) && strings.IndexByte(" \t\r\n:", d.body[i]) >= 0 {
		i++
	}
	return i
}

// syntax wraps an error of the JSON decoder. Where is safe to tell; the decoder's
// own text may quote a piece of the body, so only its class is kept.
func syntax(err error) error {
	var s *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%w: a member name stands twice in one object", ErrSyntax)
	case errors.As(err, &s):
		return fmt.Errorf("%w: fault after byte %d", ErrSyntax, s.ByteOffset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends too early", ErrSyntax)
	}
	return ErrSyntax
}

func wrongKind(path, want string, got jsontext.Kind) error {
	if path == "" {
		path = "the body"
	}
	return fmt.Errorf("%w: %s: want %s, got %v", ErrEnvelope, path, want, got)
}
