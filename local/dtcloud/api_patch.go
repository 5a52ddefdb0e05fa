package dtcloud

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A patch is what a PATCH of a connector changes. DT documents neither what a
// missing mask means nor what null does; see the package's comment.
type patch struct {
	body map[string]json.RawMessage
	// paths are those of the mask, in camelCase; without a mask, those of what the
	// body has.
	paths [][]string
}

// maxPatchDepth is how far down the members of a body without a mask are told
// apart: DT's connectors have three levels.
const maxPatchDepth = 3

func newPatch(body []byte, masks []string) (*patch, error) {
	p := &patch{}
	if err := json.Unmarshal(body, &p.body); err != nil {
		return nil, failure(http.StatusBadRequest, "invalid argument: the body is not an object")
	}
	for _, mask := range masks {
		for path := range strings.SplitSeq(mask, ",") {
			if path = camelCase(strings.TrimSpace(path)); path != "" {
				p.paths = append(p.paths, strings.Split(path, "."))
			}
		}
	}
	if len(p.paths) == 0 {
		p.paths = leaves(p.body, nil)
	}
	return p, nil
}

// leaves returns the paths of what members holds, for a request without a mask. null
// counts as absent: so clients write what they do not know.
func leaves(members map[string]json.RawMessage, above []string) [][]string {
	var paths [][]string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		path := append(slices.Clone(above), name)
		var inner map[string]json.RawMessage
		switch {
		case string(value) == "null":
		case hasMembers(path) && json.Unmarshal(value, &inner) == nil:
			paths = append(paths, leaves(inner, path)...)
		default:
			paths = append(paths, path)
		}
	}
	return paths
}

// hasMembers tells whether what is at path changes member by member: configurations
// and what is below them, but not headers, which are one value.
func hasMembers(path []string) bool {
	if len(path) == 1 {
		return strings.HasSuffix(path[0], "Config")
	}
	return path[0] != httpConfig && len(path) < maxPatchDepth
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

// set changes what path leads to, in c.
func (p *patch) set(c *Connector, path []string) error {
	value, err := member(p.body, path)
	if err != nil {
		return err
	}
	whole := strings.Join(path, ".")
	switch whole {
	case "name":
		return nil // is read only
	case "displayName":
		return assign(value, &c.DisplayName, whole)
	case "type":
		return assign(value, &c.Type, whole)
	case "status":
		return assign(value, &c.Status, whole)
	case "events":
		return assign(value, &c.Events, whole)
	case "labels":
		return assign(value, &c.Labels, whole)
	}
	// The configurations of other types are none of this connector.
	switch config := configMember(c.Type); {
	case path[0] != config:
	case config == httpConfig:
		return setHTTP(&c.HTTPConfig, whole, value)
	default:
		var err error
		c.OtherConfig, err = replaced(c.OtherConfig, path[1:], value)
		return err
	}
	return failure(http.StatusBadRequest, "invalid argument: a connector of type %.40s has no %.60q", c.Type, whole)
}

func setHTTP(c *HTTPConfig, path string, value json.RawMessage) error {
	switch path {
	case httpConfig:
		return assign(value, c, path)
	case httpConfig + ".url":
		return assign(value, &c.URL, path)
	case httpConfig + ".signatureSecret":
		return assign(value, &c.SignatureSecret, path)
	case httpConfig + ".headers":
		return assign(value, &c.Headers, path)
	}
	return failure(http.StatusBadRequest, "invalid argument: update_mask: there is no %.60q", path)
}

// member returns what path leads to in an object; nil if it is not there.
func member(object map[string]json.RawMessage, path []string) (json.RawMessage, error) {
	value := object[path[0]]
	if len(path) == 1 || value == nil {
		return value, nil
	}
	var inner map[string]json.RawMessage
	if err := json.Unmarshal(value, &inner); err != nil {
		return nil, failure(http.StatusBadRequest, "invalid argument: %.60q is not an object", path[0])
	}
	return member(inner, path[1:])
}

// replaced returns the object with value in the place that path leads to; without a
// value, with nothing there.
func replaced(object json.RawMessage, path []string, value json.RawMessage) (json.RawMessage, error) {
	if len(path) == 0 {
		return value, nil
	}
	members := make(map[string]json.RawMessage)
	if len(object) > 0 {
		if err := json.Unmarshal(object, &members); err != nil {
			return nil, failure(http.StatusBadRequest, "invalid argument: update_mask: nothing is below %.60q", path[0])
		}
	}
	if members == nil { // the object was null
		members = make(map[string]json.RawMessage)
	}
	inner, err := replaced(members[path[0]], path[1:], value)
	if err != nil {
		return nil, err
	}
	if inner == nil || string(inner) == "null" {
		delete(members, path[0])
	} else {
		members[path[0]] = inner
	}
	return json.Marshal(members)
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
