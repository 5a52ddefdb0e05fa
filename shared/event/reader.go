package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A reader reads one body at a time. Its texts are cut from one copy of the body,
// so that they cost one allocation together.
type reader struct {
	json   *jsontext.Decoder
	buffer bytes.Buffer
	body   []byte
	text   string // body again, for cutting strings without copying
}

func newReader() *reader {
	return &reader{json: jsontext.NewDecoder(new(bytes.Buffer))}
}

// reset makes body the one to read.
func (r *reader) reset(body []byte) {
	r.body, r.text = body, string(body)
	// A bytes.Buffer is read in place, not copied.
	r.buffer = *bytes.NewBuffer(body)
	r.json.Reset(&r.buffer)
}

// An outermost is what the body's outermost object holds besides an event.
type outermost struct {
	event       bool           // "event": a DT body
	specVersion bool           // "specversion": a CloudEvent
	data        jsontext.Value // the CloudEvent's data
	recovered   bool           // the CloudEvent's extension attribute
}

// outermost reads the whole body into e.
func (r *reader) outermost(e *Event) (outermost, error) {
	var o outermost
	e.members = make([]member, 0, 4)
	err := r.object("", func(name string) error {
		start := r.valueStart()
		if err := r.outermostValue(e, name); err != nil {
			return err
		}
		end := r.json.InputOffset()
		v := jsontext.Value(r.body[start:end:end])
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
	if _, err := r.json.ReadToken(); !errors.Is(err, io.EOF) {
		return o, fmt.Errorf("%w: something follows the outermost object", ErrSyntax)
	}
	return o, nil
}

func (r *reader) outermostValue(e *Event, name string) error {
	switch name {
	case "event":
		return r.event(e)
	case "labels":
		return r.labels(e)
	case "metadata":
		return r.metadata(e)
	}
	_, err := r.value(name)
	return err
}

func (r *reader) event(e *Event) error {
	return r.object("event", func(name string) (err error) {
		switch name {
		case "eventId":
			e.ID, err = r.requiredText("event.eventId")
		case "eventType":
			e.Type, err = r.requiredText("event.eventType")
		case "targetName":
			e.TargetName, err = r.requiredText("event.targetName")
		case "timestamp":
			e.Timestamp, err = r.requiredText("event.timestamp")
		case "data":
			e.Data, err = r.value("event.data")
		default:
			_, err = r.value("event." + name)
		}
		return err
	})
}

func (r *reader) labels(e *Event) error {
	if r.json.PeekKind() == 'n' { // null stands for none
		_, err := r.value("labels")
		return err
	}
	return r.object("labels", func(key string) error {
		value, err := r.requiredText("labels: a value")
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
func (r *reader) metadata(e *Event) error {
	if r.json.PeekKind() != '{' {
		_, err := r.value("metadata")
		return err
	}
	return r.object("metadata", func(name string) error {
		v, err := r.value("metadata")
		if err != nil || v.Kind() != '"' {
			return err
		}
		switch name {
		case "deviceId":
			e.Metadata.DeviceID = r.cut(v)
		case "projectId":
			e.Metadata.ProjectID = r.cut(v)
		case "deviceType":
			e.Metadata.DeviceType = r.cut(v)
		case "productNumber":
			e.Metadata.ProductNumber = r.cut(v)
		}
		return nil
	})
}

// object reads an object at path and calls member after each name; member reads
// the value.
func (r *reader) object(path string, member func(name string) error) error {
	switch kind := r.json.PeekKind(); kind {
	case '{':
	case jsontext.KindInvalid: // the error is what reading returns
	default:
		return wrongKind(path, "an object", kind)
	}
	if _, err := r.json.ReadToken(); err != nil {
		return syntax(err)
	}
	for r.json.PeekKind() != '}' {
		name, err := r.json.ReadValue()
		if err != nil {
			return syntax(err)
		}
		if err := member(r.cut(name)); err != nil {
			return err
		}
	}
	if _, err := r.json.ReadToken(); err != nil {
		return syntax(err)
	}
	return nil
}

// value reads any value and returns the bytes of the body that hold it.
func (r *reader) value(path string) (jsontext.Value, error) {
	v, err := r.json.ReadValue()
	if err != nil {
		return nil, syntax(err)
	}
	// The same bytes in the body: v itself lasts only until the next read.
	end := r.json.InputOffset()
	return r.body[end-int64(len(v)) : end : end], nil
}

// requiredText reads a string; any other kind is an error.
func (r *reader) requiredText(path string) (string, error) {
	v, err := r.value(path)
	if err != nil {
		return "", err
	}
	if kind := v.Kind(); kind != '"' {
		return "", wrongKind(path, "a string", kind)
	}
	return r.cut(v), nil
}

// cut returns the text of the string v, which was read last. Only an escaped
// string is copied.
func (r *reader) cut(v jsontext.Value) string {
	end := int(r.json.InputOffset())
	start := end - len(v)
	if bytes.IndexByte(v, '\\') < 0 {
		return r.text[start+1 : end-1]
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		// The decoder has just found it valid.
		panic("event: unquote: " + err.Error())
	}
	return string(text)
}

// valueStart returns where the value begins whose name was read last.
func (r *reader) valueStart() int64 {
	i := r.json.InputOffset()
	for i < int64(len(r.body)) && strings.IndexByte(" \t\r\n:", r.body[i]) >= 0 {
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
