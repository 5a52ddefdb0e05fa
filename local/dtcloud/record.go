package dtcloud

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/local/dtcloud/internal/sensor"
	"github.com/dt-functions/dt-functions/shared/event"
)

// A record is one event that happened. It never changes: the device's history and
// the queues of all connectors share it.
type record struct {
	id, eventType string
	device        *device
	time          time.Time       // the event's timestamp
	json          jsontext.Value  // the event as the REST API shows it
	data          json.RawMessage // its member data, a part of json
	labels        event.Labels    // the device's, at that time
}

// newRecord encodes an event with its members in DT's order.
func newRecord(d *device, id string, o occurrence) *record {
	r := &record{id: id, eventType: o.eventType, device: d, time: o.time, labels: d.labels}
	b := make([]byte, 0, len(o.data)+len(d.name)+160)
	b = append(b, `{"eventId":`...)
	b = appendText(b, id)
	b = append(b, `,"targetName":`...)
	b = appendText(b, d.name)
	b = append(b, `,"eventType":`...)
	b = appendText(b, o.eventType)
	b = append(b, `,"data":`...)
	start := len(b)
	b = append(b, o.data...)
	end := len(b)
	b = append(b, `,"timestamp":"`...)
	b = o.time.UTC().AppendFormat(b, sensor.TimeLayout)
	r.json = append(b, `"}`...)
	r.data = json.RawMessage(r.json[start:end:end])
	return r
}

// values returns the members of the event's data.
func (r *record) values() map[string]json.RawMessage {
	var values map[string]json.RawMessage
	// Data is an object: what came from outside was checked. If it were not,
	// there would be no values.
	_ = json.Unmarshal(r.data, &values)
	return values
}

// forwardedSize is about how long the body gets that a connector sends.
func (r *record) forwardedSize() int {
	const labels = 256
	return len(r.json) + len(r.device.metadata) + labels
}

// appendForwarded appends the body that a connector sends, which includes of the
// device's labels those in keys.
func (r *record) appendForwarded(dst []byte, keys []string) []byte {
	dst = append(dst, `{"event":`...)
	dst = append(dst, r.json...)
	dst = append(dst, `,"labels":{`...)
	first := true
	for _, l := range r.labels {
		if !slices.Contains(keys, l.Key) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendText(dst, l.Key)
		dst = append(dst, ':')
		dst = appendText(dst, l.Value)
	}
	dst = append(dst, `},"metadata":`...)
	dst = append(dst, r.device.metadata...)
	return append(dst, '}')
}

// encodeMetadata returns the body's member metadata. DT leaves the product number
// of emulated devices empty there.
func (d *device) encodeMetadata(emulated bool) []byte {
	number := d.productNumber
	if emulated {
		number = ""
	}
	b := append([]byte(nil), `{"deviceId":`...)
	b = appendText(b, d.id)
	b = append(b, `,"projectId":`...)
	b = appendText(b, d.project.id)
	b = append(b, `,"deviceType":`...)
	b = appendText(b, d.deviceType)
	b = append(b, `,"productNumber":`...)
	b = appendText(b, number)
	return append(b, '}')
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	// The only error is for invalid UTF-8, which becomes U+FFFD all the same.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}
