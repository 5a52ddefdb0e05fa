package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// others is the key, in DT_CONNECTOR_CONFIG, of what holds for the connectors that
// are not named in it.
const others = "*"

// ParseConnectorConfig reads what is wanted of one connector from text, which has
// the form that DT_CONNECTOR_CONFIG has for one. The error is an *[Error] that calls
// it DT_CONNECTOR_CONFIG.
func ParseConnectorConfig(text []byte) (dtapi.Change, error) {
	l := newLoader(nil)
	var c dtapi.Change
	if value := jsontext.Value(text); !value.IsValid() || value.Kind() != '{' {
		l.fault(connectorConfig, "is not a JSON object (a name may not be in it twice)")
	} else {
		c = l.change("", json.RawMessage(text))
	}
	if err := l.end(); err != nil {
		return dtapi.Change{}, err
	}
	return c, nil
}

// wanted returns what each of the connectors is to be set to.
func (l *loader) wanted(connectors []dtapi.ConnectorName) map[dtapi.ConnectorName]dtapi.Change {
	text := l.text(connectorConfig)
	if text == "" {
		text = "{}"
	}
	if value := jsontext.Value(text); !value.IsValid() || value.Kind() != '{' {
		l.fault(connectorConfig, "is not a JSON object (a name may not be in it twice)")
		return nil
	}
	members := l.members("", json.RawMessage(text))
	byName := map[string]json.RawMessage{others: json.RawMessage(text)}
	isConnector := func(name string) bool { return name == others || strings.HasPrefix(name, "projects/") }
	if slices.ContainsFunc(slices.Collect(maps.Keys(members)), isConnector) {
		byName = members
	}
	signatureSecret := l.signatureSecretFor()
	changes := make(map[string]dtapi.Change)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		path := ""
		if len(byName) > 1 || name != others {
			path = name + ": "
		}
		if !isConnector(name) {
			l.fault(connectorConfig, quote(name)+" is neither a connector's name nor *")
			continue
		}
		change := l.change(path, byName[name])
		if change.SignatureSecret == nil && !signatureSecret.IsZero() {
			change.SignatureSecret = &signatureSecret
		}
		if change.IsZero() {
			l.fault(connectorConfig, path+"nothing is wanted, and DT_SIGNATURE_SECRET is not set either")
		}
		changes[name] = change
	}
	return l.assign(changes, connectors)
}

// assign gives each connector its change.
func (l *loader) assign(changes map[string]dtapi.Change, connectors []dtapi.ConnectorName) map[dtapi.ConnectorName]dtapi.Change {
	wanted := make(map[dtapi.ConnectorName]dtapi.Change)
	for name, change := range changes {
		if name == others {
			continue
		}
		connector, err := dtapi.ParseConnectorName(name)
		if err != nil || !slices.Contains(connectors, connector) {
			l.fault(connectorConfig, quote(name)+" is not one of DT_CONNECTORS")
			continue
		}
		wanted[connector] = change
	}
	for _, connector := range connectors {
		if _, named := wanted[connector]; named {
			continue
		}
		change, ok := changes[others]
		if !ok {
			l.fault(connectorConfig, "nothing is wanted of "+quote(string(connector))+", and there is no *")
			continue
		}
		wanted[connector] = change
	}
	return wanted
}

// signatureSecretFor returns the secret to give to the connectors.
func (l *loader) signatureSecretFor() secret.Text { return l.secret(signatureSecret) }

// members returns the members of an object.
func (l *loader) members(path string, object json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil || members == nil {
		l.fault(connectorConfig, strings.TrimSpace(strings.TrimSuffix(path, ": ")+" is not an object"))
	}
	return members
}

// change reads what is wanted of one connector. No message shows a value of
// httpConfig, where secrets are.
func (l *loader) change(path string, object json.RawMessage) dtapi.Change {
	var c dtapi.Change
	members := l.members(path, object)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value, at := members[name], path+name
		switch name {
		case "displayName":
			c.DisplayName = decode[string](l, at, value, "a text")
			if c.DisplayName != nil && strings.TrimSpace(*c.DisplayName) == "" {
				l.fault(connectorConfig, at+" is empty")
			}
		case "status":
			c.Status = l.status(at, value)
		case "events":
			c.Events = decode[[]string](l, at, value, "a list of texts")
			l.checkEvents(at, c.Events)
		case "labels":
			c.Labels = decode[[]string](l, at, value, "a list of texts")
			l.checkLabels(at, c.Labels)
		case "httpConfig":
			l.httpConfig(at, value, &c)
		default:
			l.fault(connectorConfig, at+" is not a setting of a connector")
		}
	}
	return c
}

func (l *loader) httpConfig(path string, object json.RawMessage, c *dtapi.Change) {
	members := l.members(path, object)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value, at := members[name], path+"."+name
		switch name {
		case "url":
			c.URL = decode[string](l, at, value, "a text")
			if c.URL != nil {
				l.checkURL(at, *c.URL)
			}
		case "signatureSecret":
			if text := decode[string](l, at, value, "a text"); text != nil {
				if fault := secretFault(*text); *text != "" && fault != "" {
					l.fault(connectorConfig, at+": "+fault)
				}
				s := secret.New(*text)
				c.SignatureSecret = &s
			}
		case "headers":
			if headers := decode[map[string]string](l, at, value, "an object of texts"); headers != nil {
				h := make(map[string]secret.Text, len(*headers))
				for name, text := range *headers {
					if !isHeader(name, text) {
						l.fault(connectorConfig, at+": "+quote(name)+" is not a header that HTTP allows")
					}
					h[name] = secret.New(text)
				}
				c.Headers = &h
			}
		default:
			l.fault(connectorConfig, at+" is not a setting of a connector")
		}
	}
}

// decode returns a JSON value, or nil after a fault. What is null is a fault too:
// it may be meant to leave the setting alone, or to clear it.
func decode[T any](l *loader, path string, value json.RawMessage, form string) *T {
	var v *T
	if err := json.Unmarshal(value, &v); err != nil || v == nil {
		l.fault(connectorConfig, path+" is not "+form)
		return nil
	}
	return v
}

func (l *loader) status(path string, value json.RawMessage) *dtapi.Status {
	s := decode[dtapi.Status](l, path, value, "a text")
	if s != nil && *s != dtapi.StatusActive && *s != dtapi.StatusUserDisabled {
		l.fault(connectorConfig, fmt.Sprintf("%s: %s cannot be set; ACTIVE and USER_DISABLED can", path, quote(string(*s))))
		return nil
	}
	return s
}

// checkEvents: DT refuses event types that it does not have, so a mistake is
// better told here.
func (l *loader) checkEvents(path string, events *[]string) {
	if events == nil {
		return
	}
	for i, name := range *events {
		switch {
		case !slices.Contains(event.Types(), name):
			l.fault(connectorConfig, path+": "+quote(name)+" is not an event type; there are "+strings.Join(event.Types(), ", "))
		case slices.Contains((*events)[:i], name):
			l.fault(connectorConfig, path+": "+quote(name)+" is there twice")
		}
	}
}

func (l *loader) checkLabels(path string, labels *[]string) {
	if labels == nil {
		return
	}
	for i, key := range *labels {
		switch {
		case strings.TrimSpace(key) == "":
			l.fault(connectorConfig, path+": a label's key is empty")
		case slices.Contains((*labels)[:i], key):
			l.fault(connectorConfig, path+": "+quote(key)+" is there twice")
		}
	}
}

// checkURL checks where events are to be sent; DT takes https alone. The URL is
// shown without what may be a key in it.
func (l *loader) checkURL(path, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		l.fault(connectorConfig, path+" is not a URL with a host")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		l.fault(connectorConfig, path+": "+quote(redactURL(text))+" is not https")
	}
}

// isHeader reports whether HTTP allows a header (RFC 9110, 5.1 and 5.5).
func isHeader(name, value string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return name != "" && !strings.ContainsFunc(value, control) && strings.TrimSpace(value) == value
}
