package text_test

import (
	"fmt"

	"github.com/dt-functions/dt-functions/aws/text"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func ExampleNew() {
	m := text.New(&sink.Message{ID: "event1", Key: "device1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte("{}")})
	fmt.Println(m.Body, m.Attributes, m.Group, m.Deduplication)
	// Output: {} [{eventId event1} {deviceId device1} {eventType touch}] device1 event1
}

// What a consumer does with a message whose attribute dataEncoding is base64.
func ExampleDecode() {
	data, err := text.Decode("/w==", text.Base64)
	fmt.Println(data, err)
	// Output: [255] <nil>
}
