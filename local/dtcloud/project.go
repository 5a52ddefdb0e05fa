package dtcloud

import (
	"fmt"
	"slices"
	"strings"
)

// ProjectSpec describes a project to add.
type ProjectSpec struct {
	// ID becomes the last part of the project's name; "" means one that is made
	// up.
	ID          string
	DisplayName string
}

type project struct {
	name        string // "projects/P"
	id          string
	displayName string
	devices     []*device    // in the order of adding
	connectors  []*connector // in the order of adding
}

// AddProject adds a project and returns its name, "projects/P".
func (c *Cloud) AddProject(spec ProjectSpec) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, err := c.givenID(spec.ID)
	if err != nil {
		return "", fmt.Errorf("add project: %w", err)
	}
	name := "projects/" + id
	if c.projects[name] != nil {
		return "", fmt.Errorf("add project: %w: %s is there already", ErrInvalid, name)
	}
	c.projects[name] = &project{name: name, id: id, displayName: spec.DisplayName}
	return name, nil
}

// givenID returns id, or a new one when it is empty. c.mu is held.
func (c *Cloud) givenID(id string) (string, error) {
	if id == "" {
		return newID(c.clock.Now(), c.random), nil
	}
	if !validID(id) {
		return "", fmt.Errorf("%w: id %q: %s", ErrInvalid, id, wantID)
	}
	return id, nil
}

func (c *Cloud) project(name string) (*project, error) {
	p := c.projects[name]
	if p == nil {
		return nil, fmt.Errorf("project %q: %w", name, ErrNotFound)
	}
	return p, nil
}

// cloudConnectors returns the ids of the project's Cloud Connectors, through
// which its sensors' events come.
func (p *project) cloudConnectors() []string {
	var ids []string
	for _, d := range p.devices {
		if d.isCloudConnector() {
			ids = append(ids, d.id)
		}
	}
	return ids
}

// Devices returns the devices of a project as they are now, in the order in which
// they were added.
func (c *Cloud) Devices(project string) ([]Device, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.project(project)
	if err != nil {
		return nil, err
	}
	devices := make([]Device, 0, len(p.devices))
	for _, d := range p.devices {
		devices = append(devices, d.snapshot())
	}
	return devices, nil
}

// Projects returns the names of all projects, sorted.
func (c *Cloud) Projects() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make([]string, 0, len(c.projects))
	for name := range c.projects {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
