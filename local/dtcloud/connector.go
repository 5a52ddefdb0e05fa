package dtcloud

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// TypeHTTPPush is the connector type that sends HTTP requests, the only one that
// delivers here. DT has others, for the message queues of clouds: they are kept and
// shown, no more.
const TypeHTTPPush = "HTTP_PUSH"

// otherTypes are the types that deliver nothing here.
func otherTypes() []string {
	return []string{"GOOGLE_CLOUD_PUBSUB", "AWS_SQS", "AZURE_SERVICE_BUS", "AZURE_EVENT_HUB"}
}

// Status is whether a connector delivers.
type Status string

const (
	// StatusActive: events are delivered.
	StatusActive Status = "ACTIVE"
	// StatusUserDisabled: somebody switched the connector off.
	StatusUserDisabled Status = "USER_DISABLED"
	// StatusSystemDisabled: the cloud did, after days of nothing but failures.
	StatusSystemDisabled Status = "SYSTEM_DISABLED"
)

// Connector is a Data Connector as DT's REST API shows it.
type Connector struct {
	// Name is "projects/P/dataconnectors/C".
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	// Type is TypeHTTPPush. It cannot be changed.
	Type   string `json:"type"`
	Status Status `json:"status"`
	// Events are the event types to deliver; empty means all.
	Events []string `json:"events"`
	// Labels are the keys of the labels to include; empty means none.
	Labels     []string   `json:"labels"`
	HTTPConfig HTTPConfig `json:"httpConfig"`
	// OtherConfig is where connectors of another type deliver, a JSON object.
	OtherConfig json.RawMessage `json:"-"`
}

// HTTPConfig is where and how a connector sends its requests. Printed or logged it
// shows no secret; as JSON it does, since DT's REST API returns it that way.
type HTTPConfig struct {
	// URL is the receiver's address: https, or http for this machine.
	URL string `json:"url"`
	// SignatureSecret is the key of X-Dt-Signature; "" means no such header.
	SignatureSecret string `json:"signatureSecret"`
	// Headers are sent with each request.
	Headers map[string]string `json:"headers"`
}

// String returns h without what may be secret: the secret, the values of headers,
// and what in a URL commonly holds keys.
func (h HTTPConfig) String() string {
	secret := "none"
	if h.SignatureSecret != "" {
		secret = "set"
	}
	return fmt.Sprintf("{url:%s signatureSecret:%s headers:%v}",
		publicPart(h.URL), secret, slices.Sorted(maps.Keys(h.Headers)))
}

// GoString returns what String does.
func (h HTTPConfig) GoString() string { return h.String() }

// LogValue returns what String does.
func (h HTTPConfig) LogValue() slog.Value { return slog.StringValue(h.String()) }

// LogValue returns c without what may be secret.
func (c Connector) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("name", c.Name),
		slog.String("displayName", c.DisplayName),
		slog.String("type", c.Type),
		slog.String("status", string(c.Status)),
		slog.Any("events", c.Events),
		slog.Any("labels", c.Labels),
		slog.Any("httpConfig", c.HTTPConfig),
	)
}

// clone returns a copy that shares nothing with c, with empty members in the place
// of missing ones: DT's JSON has no null there.
func (c Connector) clone() Connector {
	c.Events = append([]string{}, c.Events...)
	c.Labels = append([]string{}, c.Labels...)
	headers := make(map[string]string, len(c.HTTPConfig.Headers))
	maps.Copy(headers, c.HTTPConfig.Headers)
	c.HTTPConfig.Headers = headers
	c.OtherConfig = slices.Clone(c.OtherConfig)
	return c
}

// check returns an error that names the member that cannot be used.
func (c Connector) check() error {
	other := slices.Contains(otherTypes(), c.Type)
	if c.Type != TypeHTTPPush && !other {
		return fmt.Errorf("%w: type %q: want %s or one of %v", ErrInvalid, c.Type, TypeHTTPPush, otherTypes())
	}
	switch c.Status {
	case StatusActive, StatusUserDisabled, StatusSystemDisabled:
	default:
		return fmt.Errorf("%w: status %q: want %s or %s", ErrInvalid, c.Status, StatusActive, StatusUserDisabled)
	}
	if slices.Contains(c.Events, "") {
		return fmt.Errorf("%w: events: an event type is empty", ErrInvalid)
	}
	if slices.Contains(c.Labels, "") {
		return fmt.Errorf("%w: labels: a key is empty", ErrInvalid)
	}
	if other {
		if v := jsontext.Value(c.OtherConfig); !v.IsValid() || v.Kind() != '{' {
			return fmt.Errorf("%w: the configuration of a %s is missing", ErrInvalid, c.Type)
		}
		return nil
	}
	if err := checkAddress(c.HTTPConfig.URL); err != nil {
		return fmt.Errorf("%w: httpConfig.url: %w", ErrInvalid, err)
	}
	return checkHeaders(c.HTTPConfig.Headers)
}
