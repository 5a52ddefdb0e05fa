package pubsub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// The limits of "Pub/Sub quotas and limits".
const (
	maxRequest  = 10_000_000 // bytes of a publish request, and of a message
	maxMessages = 1_000      // messages of a publish request
	maxKey      = 1_024      // bytes of an ordering key
	maxValue    = 1_024      // bytes of an attribute's value

	// perField is more than what a field has in a request besides its text.
	perField = 16
)

// A message is a PubsubMessage in JSON.
type message struct {
	Data        []byte            `json:"data,omitempty"` // in base64
	Attributes  map[string]string `json:"attributes"`
	OrderingKey string            `json:"orderingKey,omitempty"`
}

// A request is what is published at a time.
type request struct {
	messages [][]byte // encoded
	size     int      // bytes of the body
}

func (r request) body() []byte {
	var b bytes.Buffer
	b.Grow(r.size)
	b.WriteString(`{"messages":[`)
	b.Write(bytes.Join(r.messages, []byte{','}))
	b.WriteString("]}")
	return b.Bytes()
}

// requests returns what stores msgs, in order. The messages of one Publish call can be
// more than one request takes. A request of several is less than maxRequest as it is
// sent, in base64, so it is whichever way the service counts; one message alone is left
// to the service where only the base64 is beyond.
func (t *topic) requests(msgs []sink.Message) ([]request, error) {
	const around = len(`{"messages":[]}`)
	var all []request
	for i := range msgs {
		encoded, err := t.encode(&msgs[i])
		if err != nil {
			return nil, err
		}
		size := len(encoded) + 1
		last := len(all) - 1
		if last < 0 || len(all[last].messages) == maxMessages || all[last].size+size > maxRequest {
			all = append(all, request{size: around})
			last++
		}
		all[last].messages = append(all[last].messages, encoded)
		all[last].size += size
	}
	return all, nil
}

// encode returns m as it is sent. The error wraps sink.ErrTooLarge if Pub/Sub can
// never take it.
func (t *topic) encode(m *sink.Message) ([]byte, error) {
	p := message{Data: m.Data, Attributes: make(map[string]string), OrderingKey: m.Key}
	if len(p.OrderingKey) > maxKey {
		// Longer than a device's id can be; still one key for each.
		sum := sha256.Sum256([]byte(m.Key))
		p.OrderingKey = hex.EncodeToString(sum[:])
	}
	size := len(p.Data) + len(p.OrderingKey) + len(t.String()) + 2*perField
	add := func(name, value string) {
		if value != "" {
			value = cut(value)
			p.Attributes[name] = value
			size += len(name) + len(value) + perField
		}
	}
	add("eventId", m.ID)
	add("deviceId", m.Key)
	m.Attributes.Each(add)
	if size > maxRequest {
		return nil, fmt.Errorf("%w: %d bytes with its attributes; Pub/Sub takes %d", sink.ErrTooLarge, size, maxRequest)
	}
	encoded, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encoding a message: %w", err)
	}
	return encoded, nil
}

// cut returns what of an attribute's value Pub/Sub takes. DT's have at most 40 bytes,
// but an event that could not be read may have any.
func cut(value string) string {
	return strings.ToValidUTF8(value[:min(len(value), maxValue)], "")
}
