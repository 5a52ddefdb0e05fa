// Package text turns messages into what SQS and SNS take: a body of text, and
// attributes.
package text

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// The values of the attribute "dataEncoding", for data that is no text that SQS takes.
// Without the attribute the body is the data.
const (
	// Base64 means that the body is the data in base64 (RFC 4648, section 4).
	Base64 = "base64"
	// Empty means that there is no data; the body is "-", since it must not be empty.
	Empty = "empty"
)

// An Attribute is a message attribute of the data type String.
type Attribute struct{ Name, Value string }

// A Message is a message as it goes out.
type Message struct {
	// Body is never empty.
	Body string
	// Attributes have the names of [sink.Attributes.Each], and eventId, deviceId and
	// dataEncoding. There are at most 8; SQS takes 10.
	Attributes []Attribute
	// Group and Deduplication are for FIFO queues and topics.
	Group, Deduplication string
}

// New returns m as it goes out.
func New(m *sink.Message) Message {
	body, encoding := Encode(m.Data)
	t := Message{Body: body, Attributes: make([]Attribute, 0, 8)}
	add := func(name, value string) {
		if value != "" {
			t.Attributes = append(t.Attributes, Attribute{name, clean(value)})
		}
	}
	add("eventId", m.ID)
	add("deviceId", m.Key)
	m.Attributes.Each(add)
	add("dataEncoding", encoding)
	t.Deduplication = token(m.ID)
	t.Group = t.Deduplication // of no device: in no order with others
	if m.Key != "" {
		t.Group = token(m.Key)
	}
	return t
}

// Size is the size in bytes that counts against the limits of SQS and SNS: that of the
// body and of the attributes' names, types and values (SQS Developer Guide, "Message
// metadata").
func (t Message) Size() int {
	size := len(t.Body)
	for _, a := range t.Attributes {
		size += len(a.Name) + len("String") + len(a.Value)
	}
	return size
}

// Encode returns data as a body, and how it is encoded there; "" means as it is.
func Encode(data []byte) (body, encoding string) {
	switch {
	case len(data) == 0:
		return "-", Empty
	case !isText(data):
		return base64.StdEncoding.EncodeToString(data), Base64
	}
	return string(data), ""
}

// Decode returns the data of a body, for consumers.
func Decode(body, encoding string) ([]byte, error) {
	switch encoding {
	case "":
		return []byte(body), nil
	case Base64:
		data, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("dataEncoding: %w", err)
		}
		return data, nil
	case Empty:
		return []byte{}, nil
	}
	return nil, fmt.Errorf("dataEncoding: %.20q is not known", encoding)
}

// isText reports whether data is UTF-8 of the characters that SQS takes (SQS Developer
// Guide, "Amazon SQS message quotas": those of XML 1.0).
func isText(data []byte) bool {
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 || !isCharacter(r) {
			return false
		}
		data = data[n:]
	}
	return true
}

func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

// clean replaces the characters that SQS refuses. Attributes are for routing; what
// they tell is in the event too.
func clean(value string) string {
	return strings.Map(func(r rune) rune {
		if !isCharacter(r) {
			return utf8.RuneError
		}
		return r
	}, value)
}

// maxToken is the longest group and deduplication id.
const maxToken = 128

// token returns id as a group or deduplication id: letters, digits and punctuation of
// ASCII alone (SQS Developer Guide, "Amazon SQS message quotas"). DT's ids are; any
// other is hashed.
func token(id string) string {
	ok := id != "" && len(id) <= maxToken && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
	if ok {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}
