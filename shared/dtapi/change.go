package dtapi

import (
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A Change is what UpdateConnector changes. nil leaves a setting as it is; a pointer
// to an empty list, map, text or secret empties it. Printed, logged and as JSON it
// shows no secret.
type Change struct {
	DisplayName *string
	// Status is StatusActive or StatusUserDisabled.
	Status          *Status
	Events          *[]string
	Labels          *[]string
	URL             *string
	SignatureSecret *secret.Text
	// Headers replaces all headers. Whether DT replaces or merges them is not
	// documented: read back and compare.
	Headers *map[string]secret.Text
}

// IsZero reports whether c changes nothing.
func (c Change) IsZero() bool { return len(c.Paths()) == 0 }

// Paths returns the paths of the settings that c changes, as they stand in an update
// mask: leaf paths only, since a mask that names httpConfig would empty what the
// request does not mention.
func (c Change) Paths() []string {
	var paths []string
	for _, m := range c.members() {
		paths = append(paths, m.path)
	}
	return paths
}

// Format implements [fmt.Formatter]: the JSON of MarshalJSON, for every verb.
func (c Change) Format(state fmt.State, _ rune) { writePublic(state, c) }

// MarshalJSON returns what is sent to DT, with everything that may be a secret
// replaced.
func (c Change) MarshalJSON() ([]byte, error) { return c.encode(public), nil }

// A changeMember is one setting that a Change changes.
type changeMember struct {
	path  string
	value func(to audience) []byte // JSON
}

// members returns the settings that c changes.
func (c Change) members() []changeMember {
	var members []changeMember
	add := func(path string, value func(audience) []byte) {
		members = append(members, changeMember{path, value})
	}
	plain := func(value any) func(audience) []byte {
		return func(audience) []byte { return encode(value) }
	}
	if c.DisplayName != nil {
		add("displayName", plain(*c.DisplayName))
	}
	if c.Status != nil {
		add("status", plain(*c.Status))
	}
	if c.Events != nil {
		add("events", plain(append([]string{}, *c.Events...))) // null would be no list
	}
	if c.Labels != nil {
		add("labels", plain(append([]string{}, *c.Labels...)))
	}
	if c.URL != nil {
		add("httpConfig.url", func(to audience) []byte { return encode(to.address(*c.URL)) })
	}
	if c.SignatureSecret != nil {
		add("httpConfig.signatureSecret", func(to audience) []byte { return encode(to.text(*c.SignatureSecret)) })
	}
	if c.Headers != nil {
		add("httpConfig.headers", func(to audience) []byte { return to.headers(*c.Headers) })
	}
	return members
}

// encode returns the changed settings alone, as a part of a connector.
func (c Change) encode(to audience) []byte {
	w, config := newObject(), newObject()
	for _, m := range c.members() {
		if name, inConfig := strings.CutPrefix(m.path, "httpConfig."); inConfig {
			config.raw(name, m.value(to))
		} else {
			w.raw(name, m.value(to))
		}
	}
	if !config.isEmpty() {
		w.raw("httpConfig", config.bytes())
	}
	return w.bytes()
}

// secrets returns those that the request has in it.
func (c Change) secrets() []secret.Text {
	h := HTTPConfig{}
	if c.URL != nil {
		h.URL = *c.URL
	}
	if c.SignatureSecret != nil {
		h.SignatureSecret = *c.SignatureSecret
	}
	if c.Headers != nil {
		h.Headers = *c.Headers
	}
	return h.secrets()
}
