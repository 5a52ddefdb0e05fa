package dtapi

import (
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A Connector is a Data Connector. Printed, logged and as JSON it shows no secret:
// no signature secret, no header's value, no part of a URL that may be a key.
type Connector struct {
	// Name is DT's, and empty in a connector that is to be created.
	Name ConnectorName
	// DisplayName is for people.
	DisplayName string
	// Type is one of the Type constants or newer. It never changes.
	Type string
	// Status says whether events are forwarded.
	Status Status
	// Events are the event types that are forwarded; none means all.
	Events []string
	// Labels are the keys of the device labels that go with events; none means none.
	Labels []string
	// HTTP is set for TypeHTTPPush, nil for all others.
	HTTP *HTTPConfig

	// unknown are the members that this package does not know, as a JSON object of
	// what was received. They may hold secrets, so nothing may print them.
	unknown secret.Text
}

// An HTTPConfig is where and how a connector of TypeHTTPPush delivers.
type HTTPConfig struct {
	// URL takes the events. Parts of it may be keys: show it with RedactURL only.
	URL string
	// SignatureSecret signs the events; zero means that they are not signed.
	SignatureSecret secret.Text
	// Headers are sent with every event. Their values may be keys.
	Headers map[string]secret.Text

	unknown secret.Text // as that of Connector
}

// The types of connectors that are known (DT's Terraform provider 0.18.0).
const (
	TypeHTTPPush        = "HTTP_PUSH"
	TypePubSub          = "GOOGLE_CLOUD_PUBSUB"
	TypeSQS             = "AWS_SQS"
	TypeAzureServiceBus = "AZURE_SERVICE_BUS"
	TypeAzureEventHub   = "AZURE_EVENT_HUB"
)

// A Status says whether a connector forwards events. What happens while it does not
// is never forwarded later; it is in the event history.
type Status string

// The statuses (page "Configuring a Data Connector").
const (
	// StatusActive: events are forwarded.
	StatusActive Status = "ACTIVE"
	// StatusUserDisabled: somebody has switched it off.
	StatusUserDisabled Status = "USER_DISABLED"
	// StatusSystemDisabled: DT has switched it off, after 5 days of failures only. It
	// cannot be set; setting StatusActive ends it.
	StatusSystemDisabled Status = "SYSTEM_DISABLED"
)

// Metrics are those of a connector for the last 3 hours.
type Metrics struct {
	// SuccessCount and ErrorCount are numbers of deliveries, repeated ones included.
	SuccessCount, ErrorCount int64
	// Latency99p is how long 99 of 100 deliveries took at most.
	Latency99p time.Duration
}

// Format implements [fmt.Formatter]: the JSON of MarshalJSON, for every verb.
func (c Connector) Format(state fmt.State, _ rune) { writePublic(state, c) }

// Format implements [fmt.Formatter]: the JSON of MarshalJSON, for every verb.
func (h HTTPConfig) Format(state fmt.State, _ rune) { writePublic(state, h) }

// MarshalJSON returns the connector as DT writes it, members that this package does
// not know included, with everything that may be a secret replaced. It is for people
// and reports; what is sent to DT is made elsewhere.
func (c Connector) MarshalJSON() ([]byte, error) { return c.encode(public), nil }

// MarshalJSON does as that of Connector.
func (h HTTPConfig) MarshalJSON() ([]byte, error) { return h.encode(public), nil }

func writePublic(state fmt.State, value interface{ MarshalJSON() ([]byte, error) }) {
	text, _ := value.MarshalJSON()
	_, _ = state.Write(text)
}
