package dtcloud

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// maxConnectors is how many connectors a project may have (DT's Terraform
// provider, in a test).
const maxConnectors = 10

// A connector is a Connector at work.
type connector struct {
	serial  uint64    // grows with each one that is added
	spec    Connector // replaced, never changed
	target  *target   // replaced, never changed
	queue   queue
	failing time.Time // since when there has been no success; zero after one
	stats   Stats
	metrics window
}

// A target is what a request to a connector is made with.
type target struct {
	url       string
	headers   http.Header
	symmetric *signature.Signer // nil without a secret
}

// AddConnector adds a connector to a project and returns it as it is then. Of spec
// only HTTPConfig.URL is required; Type is TypeHTTPPush and Status StatusActive
// unless given. Name is made up unless given. The error wraps ErrNotFound or
// ErrInvalid.
func (c *Cloud) AddConnector(project string, spec Connector) (Connector, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.project(project)
	if err != nil {
		return Connector{}, fmt.Errorf("add connector: %w", err)
	}
	spec = spec.clone()
	if spec.Type == "" {
		spec.Type = TypeHTTPPush
	}
	if spec.Status == "" {
		spec.Status = StatusActive
	}
	prefix := p.name + "/dataconnectors/"
	if spec.Name == "" {
		spec.Name = prefix + newID(c.clock.Now(), c.random)
	}
	id, ok := strings.CutPrefix(spec.Name, prefix)
	switch {
	case !ok || !validID(id):
		return Connector{}, fmt.Errorf("add connector: %w: name %q: want %sID, or leave it out", ErrInvalid, spec.Name, prefix)
	case c.connectors[spec.Name] != nil:
		return Connector{}, fmt.Errorf("add connector: %w: %s is there already", ErrInvalid, spec.Name)
	case len(p.connectors) >= maxConnectors:
		return Connector{}, fmt.Errorf("add connector: %w: %s has %d connectors, the most there may be", ErrInvalid, p.name, maxConnectors)
	case spec.Status == StatusSystemDisabled:
		return Connector{}, fmt.Errorf("add connector: %w: status %s: only the cloud itself sets it", ErrInvalid, spec.Status)
	}
	target, err := c.newTarget(spec)
	if err != nil {
		return Connector{}, fmt.Errorf("add connector: %w", err)
	}
	conn := &connector{serial: c.nextSerial(), spec: spec, target: target}
	c.connectors[spec.Name] = conn
	p.connectors = append(p.connectors, conn)
	return spec.clone(), nil
}

// Connector returns a connector as it is now.
func (c *Cloud) Connector(name string) (Connector, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return Connector{}, err
	}
	return conn.spec.clone(), nil
}

// UpdateConnector lets change change a copy of a connector and, if the result can
// be used, puts it in the connector's place and returns it. Name and Type cannot
// be changed. The methods of the cloud must not be called from change. The error
// wraps ErrNotFound or ErrInvalid.
func (c *Cloud) UpdateConnector(name string, change func(*Connector)) (Connector, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return Connector{}, fmt.Errorf("update connector: %w", err)
	}
	spec := conn.spec.clone()
	change(&spec)
	spec = spec.clone()
	switch {
	case spec.Name != name:
		return Connector{}, fmt.Errorf("update connector: %w: name: it cannot be changed", ErrInvalid)
	case spec.Type != conn.spec.Type:
		return Connector{}, fmt.Errorf("update connector: %w: type: it cannot be changed: add another connector", ErrInvalid)
	case spec.Status == StatusSystemDisabled && conn.spec.Status != StatusSystemDisabled:
		return Connector{}, fmt.Errorf("update connector: %w: status %s: want %s or %s", ErrInvalid, spec.Status, StatusActive, StatusUserDisabled)
	}
	target, err := c.newTarget(spec)
	if err != nil {
		return Connector{}, fmt.Errorf("update connector: %w", err)
	}
	status := spec.Status
	spec.Status = conn.spec.Status
	conn.spec, conn.target = spec, target
	c.setStatus(conn, status)
	return conn.spec.clone(), nil
}

// SetStatus enables or disables a connector, also one that the cloud disabled.
// What a disabled connector was to deliver is lost to it for good.
func (c *Cloud) SetStatus(name string, status Status) error {
	_, err := c.UpdateConnector(name, func(conn *Connector) { conn.Status = status })
	return err
}

// DeleteConnector deletes a connector. What it was to deliver is lost. The error
// wraps ErrNotFound.
func (c *Cloud) DeleteConnector(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return fmt.Errorf("delete connector: %w", err)
	}
	c.setStatus(conn, StatusUserDisabled)
	delete(c.connectors, name)
	project := c.projects[name[:strings.Index(name, "/dataconnectors/")]]
	project.connectors = slices.DeleteFunc(project.connectors, func(other *connector) bool { return other == conn })
	return nil
}

// Sync queues the newest event of each type of each device of the project for a
// connector, as DT's :sync call does. The error wraps ErrNotFound.
func (c *Cloud) Sync(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	project := c.projects[name[:strings.Index(name, "/dataconnectors/")]]
	for _, d := range project.devices {
		for _, eventType := range slices.Sorted(maps.Keys(d.reported)) {
			c.offer(conn, d.reported[eventType])
		}
	}
	return nil
}

func (c *Cloud) connector(name string) (*connector, error) {
	conn := c.connectors[name]
	if conn == nil {
		return nil, fmt.Errorf("connector %q: %w", name, ErrNotFound)
	}
	return conn, nil
}

// newTarget checks spec and returns what its requests are made with.
func (c *Cloud) newTarget(spec Connector) (*target, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	if spec.Type != TypeHTTPPush {
		return nil, nil
	}
	t := &target{url: spec.HTTPConfig.URL, headers: http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {"dtcloud"},
	}}
	for name, value := range spec.HTTPConfig.Headers {
		t.headers.Set(name, value)
	}
	if secret := spec.HTTPConfig.SignatureSecret; secret != "" {
		signer, err := signature.NewSigner([]byte(secret), signature.WithSignerClock(c.config.TokenNow))
		if err != nil {
			return nil, err
		}
		t.symmetric = signer
	}
	return t, nil
}

// wants tells whether the connector is to deliver events of a type.
func (conn *connector) wants(eventType string) bool {
	if conn.target == nil {
		return false
	}
	return len(conn.spec.Events) == 0 || slices.Contains(conn.spec.Events, eventType)
}

func (conn *connector) active() bool { return conn.spec.Status == StatusActive }
