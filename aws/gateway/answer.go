package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dt-functions/dt-functions/functions/receive"
)

// answer is what all kinds take back. The status is always there: payload format 2.0
// makes a 200 of what has none.
type answer struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// Encode returns a in the form that the sender of an event of that kind takes.
func Encode(a receive.Answer, kind Kind) ([]byte, error) {
	out := answer{StatusCode: a.Status, Headers: a.Header, Body: string(a.Body)}
	switch kind {
	case ALB:
		out.StatusDescription = description(a.Status)
	case ALBMultiValue:
		// A load balancer that sends lists takes no other headers.
		out.StatusDescription = description(a.Status)
		out.Headers, out.MultiValueHeaders = nil, make(map[string][]string, len(a.Header))
		for name, value := range a.Header {
			out.MultiValueHeaders[name] = []string{value}
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return text, nil
}

// description is what a load balancer wants to be told, such as "200 OK".
func description(status int) string {
	return strconv.Itoa(status) + " " + http.StatusText(status)
}
