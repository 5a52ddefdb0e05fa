package servicebus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// maxID is how many characters a message's id, its session's id and its partition
	// key may have ("Message, payload, and serialization").
	maxID = 128
	// maxProperty is the longest value of a property, in bytes. DT's have at most 40;
	// but all properties together must stay below 64 KiB, whatever a body holds.
	maxProperty = 256
	// noDevice is the session of messages without a device: an entity with sessions
	// takes none without one.
	noDevice = "no-device"
)

// header returns a message's properties as the headers they are sent in, and how
// large the message is with them.
func (t target) header(m *sink.Message) (header http.Header, size int) {
	broker := struct {
		MessageID    string `json:"MessageId"`
		SessionID    string `json:"SessionId,omitempty"`
		PartitionKey string `json:"PartitionKey,omitempty"`
	}{MessageID: short(m.ID)}
	if t.session {
		broker.SessionID = short(m.Key)
		if m.Key == "" {
			broker.SessionID = noDevice
		}
	}
	if t.part {
		broker.PartitionKey = short(m.Key)
		if t.session { // both must be the same
			broker.PartitionKey = broker.SessionID
		}
	}
	text, err := json.Marshal(broker)
	if err != nil {
		panic("servicebus: properties: " + err.Error()) // texts always encode
	}
	// Not by Set: it would change the names' case.
	header = http.Header{"BrokerProperties": {ascii(text)}}
	m.Attributes.Each(func(name, value string) {
		if len(value) > maxProperty {
			value = value[:maxProperty]
		}
		quoted, err := json.Marshal(value)
		if err != nil {
			panic("servicebus: property: " + err.Error())
		}
		header[name] = []string{ascii(quoted)}
	})
	size = len(m.Data)
	for name, values := range header {
		size += len(name) + len(values[0])
	}
	header.Set("Content-Type", "application/json")
	return header, size
}

// short returns id, or its SHA-256 where it is too long, or not UTF-8: then it would get
// longer on the way.
func short(id string) string {
	if len(id) <= maxID && utf8.ValidString(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// ascii returns JSON text with all that is not ASCII escaped, since headers have no
// encoding of their own.
func ascii(text []byte) string {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return string(out)
}
