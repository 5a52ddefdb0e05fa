package configure

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// A Difference is one setting that is not as wanted, for people: secrets, and the
// values of headers, which often are secrets, are not in it.
type Difference struct {
	// Path is the setting's name, such as "httpConfig.url".
	Path string `json:"path"`
	// Is and Wanted are its values, as texts.
	Is     string `json:"is"`
	Wanted string `json:"wanted"`
}

// diff returns what of wanted is not so yet.
func diff(is dtapi.Connector, wanted dtapi.Change) (dtapi.Change, []Difference, error) {
	d := differ{differences: []Difference{}}
	var c dtapi.Change
	if w := wanted.DisplayName; w != nil && *w != is.DisplayName {
		c.DisplayName = w
		d.add("displayName", is.DisplayName, *w)
	}
	if w := wanted.Status; w != nil && *w != is.Status {
		c.Status = w
		d.add("status", string(is.Status), string(*w))
	}
	if w := wanted.Events; w != nil && !sameSet(*w, is.Events) {
		c.Events = w
		d.add("events", list(is.Events, "all"), list(*w, "all"))
	}
	if w := wanted.Labels; w != nil && !sameSet(*w, is.Labels) {
		c.Labels = w
		d.add("labels", list(is.Labels, "none"), list(*w, "none"))
	}
	if wanted.URL == nil && wanted.SignatureSecret == nil && wanted.Headers == nil {
		return c, d.differences, nil
	}
	if is.HTTP == nil {
		return dtapi.Change{}, d.differences, fmt.Errorf("%w: httpConfig belongs to connectors of type %s, this one is of type %s; "+
			"leave it out of DT_CONNECTOR_CONFIG (and unset DT_SIGNATURE_SECRET), or make a new connector",
			ErrType, dtapi.TypeHTTPPush, is.Type)
	}
	d.http(is.HTTP, wanted, &c)
	return c, d.differences, nil
}

type differ struct{ differences []Difference }

func (d *differ) add(path, is, wanted string) {
	d.differences = append(d.differences, Difference{Path: path, Is: is, Wanted: wanted})
}

func (d *differ) http(is *dtapi.HTTPConfig, wanted dtapi.Change, c *dtapi.Change) {
	if w := wanted.URL; w != nil && *w != is.URL {
		c.URL = w
		d.add("httpConfig.url", dtapi.RedactURL(is.URL), dtapi.RedactURL(*w))
	}
	if w := wanted.SignatureSecret; w != nil && w.Reveal() != is.SignatureSecret.Reveal() {
		c.SignatureSecret = w
		d.add("httpConfig.signatureSecret", hidden(is.SignatureSecret, "the present secret"), hidden(*w, "another secret"))
	}
	if w := wanted.Headers; w != nil && !maps.EqualFunc(canonical(*w), canonical(is.Headers), sameText) {
		c.Headers = w
		before, after := headers(is.Headers, *w)
		d.add("httpConfig.headers", before, after)
	}
}

func sameText(a, b secret.Text) bool { return a.Reveal() == b.Reveal() }

// sameSet: neither order nor repetition matters to DT.
func sameSet(a, b []string) bool {
	a, b = slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b)))
	return slices.Equal(a, b)
}

func list(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

func hidden(s secret.Text, shown string) string {
	if s.IsZero() {
		return "none"
	}
	return shown
}

// canonical returns the headers by their canonical names: HTTP does not tell cases
// apart, and DT may store them in another.
func canonical(h map[string]secret.Text) map[string]secret.Text {
	c := make(map[string]secret.Text, len(h))
	for name, value := range h {
		c[http.CanonicalHeaderKey(name)] = value
	}
	return c
}

// headers returns the names of headers, and which of their values change.
func headers(is, wanted map[string]secret.Text) (before, after string) {
	a, b := canonical(is), canonical(wanted)
	shown := make([]string, 0, len(b))
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if value, ok := a[name]; ok && !sameText(value, b[name]) {
			name += " (another value)"
		}
		shown = append(shown, name)
	}
	return list(slices.Collect(maps.Keys(a)), "none"), list(shown, "none")
}
