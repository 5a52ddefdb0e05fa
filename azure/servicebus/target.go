package servicebus

import (
	"errors"
	"net/url"
	"strings"
)

// A target is where a sink's URL says that messages go.
type target struct {
	host    string
	entity  string // queue or topic; may have slashes in it
	session bool   // session=device: SessionId is the device
	part    bool   // partition=device: PartitionKey is the device
}

// parseTarget parses azure-servicebus://host/entity with session=device or
// partition=device.
func parseTarget(u *url.URL) (target, error) {
	t := target{host: strings.ToLower(u.Host), entity: strings.Trim(u.Path, "/")}
	namespace, rest, _ := strings.Cut(t.host, ".")
	switch {
	case u.User != nil || u.Fragment != "" || u.Port() != "":
		return t, errors.New("has more than a host, an entity and options; credentials are not part of the URL")
	case namespace == "" || !strings.HasPrefix(rest, "servicebus."):
		return t, errors.New("names no namespace; want namespace.servicebus.windows.net as the host")
	case t.entity == "":
		return t, errors.New("names no queue or topic; want /queue-or-topic as the path")
	case len(t.entity) > 260 || strings.Trim(t.entity, entityCharacters) != "" || strings.Contains(t.entity, "//"):
		return t, errors.New("names no queue or topic; want at most 260 letters, digits and . - _ / as the path")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return t, errors.New("has options that cannot be parsed")
	}
	for name, values := range query {
		switch {
		case len(values) != 1 || values[0] != "device":
			return t, errors.New("has an option that is not session=device or partition=device")
		case name == "session":
			t.session = true
		case name == "partition":
			t.part = true
		default:
			return t, errors.New("has an option that is not session=device or partition=device")
		}
	}
	return t, nil
}

const entityCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/"

// address returns the entity's own URL.
func (t target) address() *url.URL {
	return &url.URL{Scheme: "https", Host: t.host, Path: "/" + t.entity}
}

// messages returns the URL that messages are posted to.
func (t target) messages() *url.URL { return t.address().JoinPath("messages") }
