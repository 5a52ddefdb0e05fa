package event

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// TypePrefix is what stands before the event type in a CloudEvent's type.
const TypePrefix = "com.disruptive-technologies."

// TypeUndecodable is the CloudEvents type of a body that no event could be read
// from; the body is in data_base64 and the reason in deadletter.
const TypeUndecodable = TypePrefix + "undecodable"

// cloudEventOverhead is about what a CloudEvent's attributes add to a body.
const cloudEventOverhead = 384

// appendCloudEvent appends ev as a CloudEvent in JSON (CloudEvents 1.0.2, JSON
// format, section 3). The attributes come from the envelope; data is the body
// with labels in it. "recovered" is an extension attribute of ours.
func appendCloudEvent(dst []byte, ev *Event, labels Labels) []byte {
	if dst == nil {
		dst = make([]byte, 0, len(ev.body)+cloudEventOverhead)
	}
	dst = append(dst, `{"specversion":"1.0","id":`...)
	dst = appendText(dst, ev.ID)
	dst = append(dst, `,"source":`...)
	dst = appendText(dst, uriReference(ev.TargetName))
	dst = append(dst, `,"type":`...)
	dst = appendText(dst, TypePrefix+ev.Type)
	if id := ev.DeviceID(); id != "" {
		dst = append(dst, `,"subject":`...)
		dst = appendText(dst, id)
	}
	// The attribute is optional and must be a time: one that is not stays in
	// data alone.
	if _, err := time.Parse(time.RFC3339Nano, ev.Timestamp); err == nil {
		dst = append(dst, `,"time":`...)
		dst = appendText(dst, ev.Timestamp)
	}
	if ev.Recovered {
		dst = append(dst, `,"recovered":true`...)
	}
	dst = append(dst, `,"datacontenttype":"application/json","data":`...)
	dst = appendBody(dst, ev, labels)
	return append(dst, '}')
}

// appendBody appends the forwarded body with labels in the place of its own.
// Everything else keeps its bytes, numbers and escapes included; only line
// breaks between values go, so that an event is always one line.
func appendBody(dst []byte, ev *Event, labels Labels) []byte {
	start := len(dst)
	if sameLabels(ev.Labels, labels) {
		dst = append(dst, ev.body...)
	} else {
		dst = appendRelabelled(dst, ev, labels)
	}
	if bytes.IndexByte(dst[start:], '\n') < 0 && bytes.IndexByte(dst[start:], '\r') < 0 {
		return dst
	}
	compact := jsontext.Value(bytes.Clone(dst[start:]))
	if err := compact.Compact(); err != nil {
		// Decode has read it, so it is valid; keep it as it is.
		return dst
	}
	return append(dst[:start], compact...)
}

func appendRelabelled(dst []byte, ev *Event, labels Labels) []byte {
	dst = append(dst, '{')
	written := false
	for i, m := range ev.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, m.name)
		dst = append(dst, ':')
		if m.name == "labels" {
			dst = appendLabels(dst, labels)
			written = true
		} else {
			dst = append(dst, m.value...)
		}
	}
	if !written {
		dst = append(dst, `,"labels":`...)
		dst = appendLabels(dst, labels)
	}
	return append(dst, '}')
}

func appendLabels(dst []byte, labels Labels) []byte {
	dst = append(dst, '{')
	for i, l := range labels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, l.Key)
		dst = append(dst, ':')
		dst = appendText(dst, l.Value)
	}
	return append(dst, '}')
}

func sameLabels(a, b Labels) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func appendUndecodable(dst []byte, id string, body []byte, reason string) []byte {
	dst = append(dst, `{"specversion":"1.0","id":`...)
	dst = appendText(dst, id)
	dst = append(dst, `,"source":"undecodable","type":"`+TypeUndecodable+`","deadletter":`...)
	dst = appendText(dst, reason)
	dst = append(dst, `,"datacontenttype":"application/octet-stream","data_base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, body)
	return append(dst, `"}`...)
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	// The only error is for invalid UTF-8, which becomes U+FFFD all the same.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// uriReference returns name as a URI reference (RFC 3986, section 4.1), which
// the source attribute has to be. DT's names are ones already.
func uriReference(name string) string {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '/' || c == '-' || c == '_' || c == '.' || c == '~') {
			return (&url.URL{Path: name}).String()
		}
	}
	return name
}
