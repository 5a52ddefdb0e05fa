package dtapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Connectors returns the connectors of a project, "P" or "projects/P", as pages come.
// An error is the last that is returned. It needs RoleUser.
func (c *Client) Connectors(ctx context.Context, project string) iter.Seq2[Connector, error] {
	id, err := ParseProject(project)
	if err != nil {
		return fail[Connector](err)
	}
	r := read(id, "/projects/"+id+"/dataconnectors", url.Values{"page_size": {"100"}}) // DT's most
	return list(ctx, c, r, "dataconnectors", decodeConnector)
}

// Connector returns one connector. It needs RoleUser.
func (c *Client) Connector(ctx context.Context, name ConnectorName) (Connector, error) {
	name, err := ParseConnectorName(string(name))
	if err != nil {
		return Connector{}, err
	}
	return c.connector(ctx, read(name.Project(), "/"+string(name), nil))
}

// CreateConnector makes a connector in a project, "P" or "projects/P", and returns it
// as DT has made it. The name of wanted does not matter. A Type is needed, and for
// TypeHTTPPush a URL. DT takes at most 10 connectors a project. It needs
// RoleDeveloper.
//
// A failure that leaves unknown whether the connector was made is not repeated: list
// the connectors first.
func (c *Client) CreateConnector(ctx context.Context, project string, wanted Connector) (Connector, error) {
	id, err := ParseProject(project)
	switch {
	case err != nil:
	case wanted.Type == "":
		err = fmt.Errorf("%w: connector: type missing; want %s or another of DT's", ErrInvalid, TypeHTTPPush)
	case wanted.Type == TypeHTTPPush && (wanted.HTTP == nil || wanted.HTTP.URL == ""):
		err = fmt.Errorf("%w: connector: httpConfig.url missing; want the https URL that takes the events", ErrInvalid)
	}
	if err != nil {
		return Connector{}, err
	}
	r := write(http.MethodPost, id, "/projects/"+id+"/dataconnectors", wanted.encode(wire))
	r.repeat = repeatUnsent
	if wanted.HTTP != nil {
		r.secrets = wanted.HTTP.secrets()
	}
	return c.connector(ctx, r)
}

// UpdateConnector changes settings of a connector and returns it as it is then. Only
// what change names is sent, with an update mask that names it again: without a mask
// it is not documented what happens to the rest of httpConfig. A change of nothing is
// ErrInvalid. It needs RoleDeveloper.
func (c *Client) UpdateConnector(ctx context.Context, name ConnectorName, change Change) (Connector, error) {
	name, err := ParseConnectorName(string(name))
	if err != nil {
		return Connector{}, err
	}
	if change.IsZero() {
		return Connector{}, fmt.Errorf("%w: connector %s: the change is empty", ErrInvalid, name)
	}
	r := write(http.MethodPatch, name.Project(), "/"+string(name), change.encode(wire))
	r.query = url.Values{"update_mask": {strings.Join(change.Paths(), ",")}}
	r.secrets = change.secrets()
	return c.connector(ctx, r)
}

// DeleteConnector deletes a connector. It needs RoleDeveloper.
func (c *Client) DeleteConnector(ctx context.Context, name ConnectorName) error {
	name, err := ParseConnectorName(string(name))
	if err != nil {
		return err
	}
	r := write(http.MethodDelete, name.Project(), "/"+string(name), nil)
	_, err = c.do(ctx, r)
	if errors.Is(err, ErrNotFound) && r.inDoubt {
		// A request before this one was lost on the way back: it has deleted it.
		return nil
	}
	return err
}

// SyncConnector makes DT send the newest event of each type of each device in the
// project to the connector, events that it has sent before among them. Plan for
// RoleDeveloper: DT does not say what it needs.
func (c *Client) SyncConnector(ctx context.Context, name ConnectorName) error {
	name, err := ParseConnectorName(string(name))
	if err != nil {
		return err
	}
	// Sending it twice makes DT send the same events twice: whoever takes them has to
	// expect that anyway.
	_, err = c.do(ctx, write(http.MethodPost, name.Project(), "/"+string(name)+":sync", nil))
	return err
}

// ConnectorMetrics returns the metrics of a connector for the last 3 hours. It needs
// RoleUser, as far as is known.
func (c *Client) ConnectorMetrics(ctx context.Context, name ConnectorName) (Metrics, error) {
	name, err := ParseConnectorName(string(name))
	if err != nil {
		return Metrics{}, err
	}
	r := read(name.Project(), "/"+string(name)+":metrics", nil)
	answer, err := c.do(ctx, r)
	if err != nil {
		return Metrics{}, err
	}
	m, err := decodeMetrics(answer)
	if err != nil {
		return Metrics{}, r.malformed(err)
	}
	return m, nil
}

// connector sends r, whose answer is a connector.
func (c *Client) connector(ctx context.Context, r *request) (Connector, error) {
	answer, err := c.do(ctx, r)
	if err != nil {
		return Connector{}, err
	}
	connector, err := decodeConnector(answer)
	if err == nil && connector.Name == "" {
		err = fmt.Errorf("%w: a connector without a name", errShape)
	}
	if err != nil {
		return Connector{}, r.malformed(err)
	}
	return connector, nil
}

// decodeMetrics reads {"metrics": {"successCount": 9, "errorCount": 0, "latency99p":
// "0.411s"}}.
func decodeMetrics(data []byte) (Metrics, error) {
	var m Metrics
	inner := func(name string, value jsontext.Value) (err error) {
		switch fold(name) {
		case "successcount":
			m.SuccessCount, err = integer(value)
		case "errorcount":
			m.ErrorCount, err = integer(value)
		case "latency99p":
			var s string
			if s, err = text(value); err == nil && s != "" {
				m.Latency99p, err = duration(s)
			}
		}
		return err
	}
	err := eachMember(data, func(name string, value jsontext.Value) error {
		if fold(name) == "metrics" && value.Kind() != 'n' {
			return eachMember(value, inner)
		}
		return nil
	})
	return m, err
}

func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%w: not a duration", errShape)
	}
	return d, nil
}
