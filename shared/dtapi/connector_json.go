package dtapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// An audience says for whom JSON is made.
type audience bool

const (
	public audience = false // people: no secrets
	wire   audience = true  // DT
)

// encode returns the connector as JSON. What is empty is left out where that means
// the same to DT: its default.
func (c Connector) encode(to audience) []byte {
	w := newObject()
	if c.Name != "" && to == public { // DT gives a new connector its name
		w.member("name", c.Name)
	}
	if c.DisplayName != "" {
		w.member("displayName", c.DisplayName)
	}
	if c.Type != "" {
		w.member("type", c.Type)
	}
	if c.Status != "" {
		w.member("status", c.Status)
	}
	if c.Events != nil {
		w.member("events", c.Events)
	}
	if c.Labels != nil {
		w.member("labels", c.Labels)
	}
	if c.HTTP != nil {
		w.raw("httpConfig", c.HTTP.encode(to))
	}
	w.unknown(c.unknown, to)
	return w.bytes()
}

func (h HTTPConfig) encode(to audience) []byte {
	w := newObject()
	w.member("url", to.address(h.URL))
	if !h.SignatureSecret.IsZero() {
		w.member("signatureSecret", to.text(h.SignatureSecret))
	}
	if h.Headers != nil {
		w.raw("headers", to.headers(h.Headers))
	}
	w.unknown(h.unknown, to)
	return w.bytes()
}

func (a audience) address(u string) string {
	if a == wire {
		return u
	}
	return RedactURL(u)
}

func (a audience) text(s secret.Text) string {
	switch {
	case s.IsZero():
		return ""
	case a == wire:
		return s.Reveal()
	}
	return secret.Redacted
}

func (a audience) headers(headers map[string]secret.Text) []byte {
	w := newObject()
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		w.member(name, a.text(headers[name]))
	}
	return w.bytes()
}

// An object is a JSON object being written.
type object struct{ b bytes.Buffer }

func newObject() *object { return &object{} }

func (o *object) isEmpty() bool { return o.b.Len() == 0 }

func (o *object) member(name string, value any) { o.raw(name, encode(value)) }

func (o *object) raw(name string, value []byte) {
	if o.isEmpty() {
		o.b.WriteByte('{')
	} else {
		o.b.WriteByte(',')
	}
	o.b.Write(encode(name))
	o.b.WriteByte(':')
	o.b.Write(value)
}

// unknown adds the members of the object that members holds.
func (o *object) unknown(members secret.Text, to audience) {
	if members.IsZero() {
		return
	}
	// It was put together of what had been read.
	_ = eachMember([]byte(members.Reveal()), func(name string, value jsontext.Value) error {
		if to == public {
			value = redactMember(name, value)
		}
		o.raw(name, value)
		return nil
	})
}

func (o *object) bytes() []byte {
	if o.isEmpty() {
		o.b.WriteByte('{')
	}
	o.b.WriteByte('}')
	return o.b.Bytes()
}

// text returns the object as a secret; the zero Text when it is empty.
func (o *object) text() secret.Text {
	if o.isEmpty() {
		return secret.Text{}
	}
	return secret.New(string(o.bytes()))
}

// encode returns value as JSON. It is for texts and lists of them, which always can
// be; "<" and "&", frequent in URLs, stay as they are.
func encode(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// decodeConnector reads a connector that DT has sent.
func decodeConnector(data []byte) (Connector, error) {
	var c Connector
	var config jsontext.Value
	var configName string
	unknown := newObject()
	err := eachMember(data, func(name string, value jsontext.Value) (err error) {
		switch fold(name) {
		case "name":
			var s string
			s, err = text(value)
			c.Name = connectorName(s)
		case "displayname":
			c.DisplayName, err = text(value)
		case "type":
			c.Type, err = text(value)
		case "status":
			var s string
			s, err = text(value)
			c.Status = Status(s)
		case "events":
			c.Events, err = texts(value)
		case "labels":
			c.Labels, err = texts(value)
		case "httpconfig":
			configName, config = name, value
		default:
			unknown.raw(name, value)
		}
		return err
	})
	if err != nil {
		return Connector{}, err
	}
	switch {
	case c.Type == TypeHTTPPush:
		h, err := decodeHTTPConfig(config)
		if err != nil {
			return Connector{}, fmt.Errorf("httpConfig: %w", err)
		}
		c.HTTP = &h
	case config != nil:
		// Another type's, so who knows what it means.
		unknown.raw(configName, config)
	}
	c.unknown = unknown.text()
	return c, nil
}

// connectorName returns text in the usual spelling, or as it came when it is no name
// that this package knows.
func connectorName(text string) ConnectorName {
	if name, err := ParseConnectorName(text); err == nil {
		return name
	}
	return ConnectorName(text)
}

func decodeHTTPConfig(data jsontext.Value) (HTTPConfig, error) {
	var h HTTPConfig
	if data == nil || data.Kind() == 'n' {
		return h, nil
	}
	unknown := newObject()
	err := eachMember(data, func(name string, value jsontext.Value) (err error) {
		switch fold(name) {
		case "url":
			h.URL, err = text(value)
		case "signaturesecret":
			var s string
			s, err = text(value)
			h.SignatureSecret = secret.New(s)
		case "headers":
			h.Headers, err = decodeHeaders(value)
		default:
			unknown.raw(name, value)
		}
		return err
	})
	h.unknown = unknown.text()
	return h, err
}

func decodeHeaders(data jsontext.Value) (map[string]secret.Text, error) {
	if data.Kind() == 'n' {
		return nil, nil
	}
	headers := map[string]secret.Text{}
	err := eachMember(data, func(name string, value jsontext.Value) error {
		s, err := text(value)
		headers[name] = secret.New(s)
		return err
	})
	return headers, err
}
