package dtcloud

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// A patch is what a PATCH of a connector changes. DT documents neither what a
// missing mask means nor what null does; see the package's comment.
type patch struct {
	body  map[string]json.RawMessage
	http  map[string]json.RawMessage // of httpConfig
	paths []string                   // in camelCase
}

const httpPrefix = "httpConfig."

func newPatch(body []byte, masks []string) (*patch, error) {
	p := &patch{}
	if err := json.Unmarshal(body, &p.body); err != nil {
		return nil, failure(http.StatusBadRequest, "invalid argument: the body is not an object")
	}
	if raw, ok := p.body["httpConfig"]; ok {
		if err := json.Unmarshal(raw, &p.http); err != nil {
			return nil, failure(http.StatusBadRequest, "invalid argument: httpConfig is not an object")
		}
	}
	for _, mask := range masks {
		for path := range strings.SplitSeq(mask, ",") {
			if path = camelCase(strings.TrimSpace(path)); path != "" {
				p.paths = append(p.paths, path)
			}
		}
	}
	if len(p.paths) == 0 {
		p.paths = p.present()
	}
	return p, nil
}

// present returns the paths of what the body has, for a request without a mask. null
// counts as absent: so clients write what they do not know.
func (p *patch) present() []string {
	var paths []string
	for name, value := range p.body {
		switch {
		case string(value) == "null", name == "name", name == "httpConfig":
		case name == "type":
			paths = append(paths, name)
		default:
			paths = append(paths, name)
		}
	}
	for name, value := range p.http {
		if string(value) != "null" {
			paths = append(paths, httpPrefix+name)
		}
	}
	slices.Sort(paths)
	return paths
}

// apply changes c. What the mask names and the body does not have is emptied.
func (p *patch) apply(c *Connector) error {
	for _, path := range p.paths {
		if err := p.set(c, path); err != nil {
			return err
		}
	}
	return nil
}

func (p *patch) set(c *Connector, path string) error {
	switch path {
	case "displayName":
		return assign(p.body[path], &c.DisplayName, path)
	case "status":
		return assign(p.body[path], &c.Status, path)
	case "events":
		return assign(p.body[path], &c.Events, path)
	case "labels":
		return assign(p.body[path], &c.Labels, path)
	case "type":
		return assign(p.body[path], &c.Type, path)
	case "httpConfig":
		return assign(p.body[path], &c.HTTPConfig, path)
	case httpPrefix + "url":
		return assign(p.http["url"], &c.HTTPConfig.URL, path)
	case httpPrefix + "signatureSecret":
		return assign(p.http["signatureSecret"], &c.HTTPConfig.SignatureSecret, path)
	case httpPrefix + "headers":
		return assign(p.http["headers"], &c.HTTPConfig.Headers, path)
	case "name":
		return nil
	}
	if (&wireConnector{}).other(c.Type) != nil && strings.HasSuffix(path, "Config") {
		return assign(p.body[path], &c.OtherConfig, path)
	}
	return failure(http.StatusBadRequest, "invalid argument: update_mask: there is no %.60q", path)
}

// assign puts a value of the body, or nothing, in a member's place.
func assign[T any](value json.RawMessage, to *T, path string) error {
	var v T
	if value != nil {
		if err := json.Unmarshal(value, &v); err != nil {
			return failure(http.StatusBadRequest, "invalid argument: %s has the wrong type", path)
		}
	}
	*to = v
	return nil
}

// camelCase returns a path that may be in snake_case.
func camelCase(path string) string {
	parts := strings.Split(path, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}
