package recover

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// An envelope is what a connector puts round an event and DT's event history does
// not have: the rest of the body, as JSON, after the event.
type envelope struct{ rest []byte }

// newEnvelope returns the envelope for the events of d: those of its labels that
// the connector includes, as they are now.
func newEnvelope(d dtapi.Device, includes []string) envelope {
	type metadata struct {
		DeviceID      string `json:"deviceId"`
		ProjectID     string `json:"projectId"`
		DeviceType    string `json:"deviceType"`
		ProductNumber string `json:"productNumber"`
	}
	labels := make(map[string]string)
	for key, value := range d.Labels {
		if slices.Contains(includes, key) {
			labels[key] = value
		}
	}
	rest, err := json.Marshal(struct {
		Labels   map[string]string `json:"labels"`
		Metadata metadata          `json:"metadata"`
	}{labels, metadata{d.Name.ID(), d.Name.Project(), d.Type, d.ProductNumber}})
	if err != nil {
		panic(err) // never: texts only
	}
	return envelope{rest: bytes.TrimPrefix(rest, []byte("{"))}
}

// wrap returns the body that a connector sends for an event, whose bytes stay as
// they are.
func (e envelope) wrap(event []byte) []byte {
	const prefix = `{"event":`
	body := make([]byte, 0, len(prefix)+len(event)+1+len(e.rest))
	body = append(body, prefix...)
	body = append(body, event...)
	body = append(body, ',')
	return append(body, e.rest...)
}

func quote(text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // never: any text can be quoted
	}
	return quoted
}
