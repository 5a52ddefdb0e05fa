package dtcloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A wireConnector is a connector as the API has it: with the configuration that
// belongs to its type.
type wireConnector struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	Type        string   `json:"type"`
	Status      Status   `json:"status"`
	Events      []string `json:"events"`
	Labels      []string `json:"labels"`

	HTTP            *HTTPConfig     `json:"httpConfig,omitempty"`
	PubSub          json.RawMessage `json:"pubsubConfig,omitempty"`
	SQS             json.RawMessage `json:"awsSqsConfig,omitempty"`
	AzureServiceBus json.RawMessage `json:"azureServiceBusConfig,omitempty"`
	AzureEventHub   json.RawMessage `json:"azureEventHubConfig,omitempty"`
}

// httpConfig is the member that holds the configuration of TypeHTTPPush.
const httpConfig = "httpConfig"

// configMember returns the member that holds the configuration of a connector's type;
// "" for an unknown type.
func configMember(connectorType string) string {
	return map[string]string{
		TypeHTTPPush:          httpConfig,
		"GOOGLE_CLOUD_PUBSUB": "pubsubConfig",
		"AWS_SQS":             "awsSqsConfig",
		"AZURE_SERVICE_BUS":   "azureServiceBusConfig",
		"AZURE_EVENT_HUB":     "azureEventHubConfig",
	}[connectorType]
}

// other returns the configuration that belongs to the types that deliver elsewhere.
func (w *wireConnector) other(connectorType string) *json.RawMessage {
	return map[string]*json.RawMessage{
		"pubsubConfig":          &w.PubSub,
		"awsSqsConfig":          &w.SQS,
		"azureServiceBusConfig": &w.AzureServiceBus,
		"azureEventHubConfig":   &w.AzureEventHub,
	}[configMember(connectorType)]
}

func toWire(c Connector) wireConnector {
	w := wireConnector{Name: c.Name, DisplayName: c.DisplayName, Type: c.Type, Status: c.Status, Events: c.Events, Labels: c.Labels}
	if other := w.other(c.Type); other != nil {
		*other = c.OtherConfig
	} else {
		w.HTTP = &c.HTTPConfig
	}
	return w
}

func (w wireConnector) connector() Connector {
	c := Connector{Name: w.Name, DisplayName: w.DisplayName, Type: w.Type, Status: w.Status, Events: w.Events, Labels: w.Labels}
	if w.HTTP != nil {
		c.HTTPConfig = *w.HTTP
	}
	if other := w.other(w.Type); other != nil {
		c.OtherConfig = *other
	}
	return c
}

// connectorName returns the full name of the path's connector, and the method.
func (k *call) connectorName() (name, method string) {
	id, method := k.last()
	return "projects/" + k.request.PathValue("project") + "/dataconnectors/" + id, method
}

// permit checks the role in the path's project.
func (k *call) permit(role string) error {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	_, err := k.project(role)
	return err
}

func (k *call) listConnectors() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	p, err := k.project(RoleUser)
	if err != nil {
		return nil, err
	}
	part, next, err := page(k, p.connectors, func(c *connector) string { return position(c.serial) })
	if err != nil {
		return nil, err
	}
	shown := make([]wireConnector, 0, len(part))
	for _, conn := range part {
		shown = append(shown, toWire(conn.spec.clone()))
	}
	return map[string]any{"dataConnectors": shown, "nextPageToken": next}, nil
}

func (k *call) getConnector() (any, error) {
	if err := k.permit(RoleUser); err != nil {
		return nil, err
	}
	name, method := k.connectorName()
	switch method {
	case "":
		c, err := k.cloud.Connector(name)
		return toWire(c), err
	case "metrics":
		m, err := k.cloud.Metrics(name)
		return map[string]any{"metrics": map[string]any{
			"successCount": m.SuccessCount, "errorCount": m.ErrorCount,
			"latency99p": fmt.Sprintf("%.3fs", m.Latency99p.Round(time.Millisecond).Seconds()),
		}}, err
	}
	return nil, k.unknown(method)
}

func (k *call) createConnector() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	var w wireConnector
	if err := k.decode(&w); err != nil {
		return nil, err
	}
	w.Name = ""
	if w.Type == "" {
		return nil, failure(http.StatusBadRequest, "invalid argument: type is required")
	}
	c, err := k.cloud.AddConnector("projects/"+k.request.PathValue("project"), w.connector())
	return toWire(c), err
}

func (k *call) patchConnector() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	name, method := k.connectorName()
	if method != "" {
		return nil, k.unknown(method)
	}
	p, err := newPatch(k.body, k.query("updateMask", "update_mask"))
	if err != nil {
		return nil, err
	}
	var patchErr error
	c, err := k.cloud.UpdateConnector(name, func(c *Connector) { patchErr = p.apply(c) })
	if patchErr != nil {
		return nil, patchErr
	}
	return toWire(c), err
}

func (k *call) deleteConnector() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	name, method := k.connectorName()
	if method != "" {
		return nil, k.unknown(method)
	}
	return struct{}{}, k.cloud.DeleteConnector(name)
}

func (k *call) syncConnector() (any, error) {
	if err := k.permit(RoleDeveloper); err != nil {
		return nil, err
	}
	name, method := k.connectorName()
	if method != "sync" {
		return nil, k.unknown(method)
	}
	return struct{}{}, k.cloud.Sync(name)
}
