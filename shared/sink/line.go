package sink

import (
	"bytes"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// appendLine appends m as one line of JSON with its line break, the form in which
// stdout and file sinks write.
//
// Data that is one JSON object on one line goes out as it is. Everything else is
// wrapped, so that every line is JSON and no byte of Data is lost:
//
//	{"id":"…","key":"…","attributes":{"eventType":"…"},"data_base64":"…"}
//
// A line is a wrapped message exactly when it begins with {"id": and has a member
// data_base64.
func appendLine(dst []byte, m *Message) []byte {
	if isLine(m.Data) && !looksWrapped(m.Data) && !isUnmarked(m) {
		return append(append(dst, m.Data...), '\n')
	}
	dst = append(dst, `{"id":`...)
	dst = appendText(dst, m.ID)
	dst = append(dst, `,"key":`...)
	dst = appendText(dst, m.Key)
	dst = append(dst, `,"attributes":{`...)
	first := true
	m.Attributes.Each(func(name, value string) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendText(dst, name)
		dst = append(dst, ':')
		dst = appendText(dst, value)
	})
	dst = append(dst, `},"data_base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, m.Data)
	return append(dst, "\"}\n"...)
}

// isLine reports whether data is one JSON object on one line.
func isLine(data []byte) bool {
	return len(data) > 0 && data[0] == '{' &&
		!bytes.ContainsAny(data, "\r\n") && jsontext.Value(data).IsValid()
}

// looksWrapped reports whether data could be taken for what appendLine makes. The
// bundle itself publishes nothing of the kind.
func looksWrapped(data []byte) bool {
	return bytes.HasPrefix(data, []byte(`{"id":`)) && bytes.Contains(data, []byte(`"data_base64"`))
}

// isUnmarked reports whether m is a dead letter that does not say so in its Data,
// as a CloudEvent does. By itself it could not be told from an event.
func isUnmarked(m *Message) bool {
	return m.Attributes.DeadLetter != "" && !bytes.HasPrefix(m.Data, []byte(`{"specversion":`))
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	// The only error is for invalid UTF-8, which becomes U+FFFD all the same.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}
