package dtcloud

import (
	"cmp"
	"slices"
)

// A shownProject is a project as the API has it.
type shownProject struct {
	Name                    string `json:"name"`
	DisplayName             string `json:"displayName"`
	Organization            string `json:"organization"`
	OrganizationDisplayName string `json:"organizationDisplayName"`
	SensorCount             int    `json:"sensorCount"`
	CloudConnectorCount     int    `json:"cloudConnectorCount"`
	Inventory               bool   `json:"inventory"`
}

func (c *Cloud) showProject(p *project) shownProject {
	gateways := len(p.cloudConnectors())
	return shownProject{
		Name: p.name, DisplayName: p.displayName,
		Organization: "organizations/" + c.config.Organization, OrganizationDisplayName: "Simulated organization",
		SensorCount: len(p.devices) - gateways, CloudConnectorCount: gateways,
	}
}

func (k *call) listProjects() (any, error) {
	c := k.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []shownProject{}
	for _, p := range c.projects {
		if k.account.may(RoleUser, p) {
			all = append(all, c.showProject(p))
		}
	}
	slices.SortFunc(all, func(a, b shownProject) int { return cmp.Compare(a.Name, b.Name) })
	part, next, err := page(k, all, func(p shownProject) string { return p.Name })
	return map[string]any{"projects": part, "nextPageToken": next}, err
}

func (k *call) getProject() (any, error) {
	k.cloud.mu.Lock()
	defer k.cloud.mu.Unlock()
	p, err := k.project(RoleUser)
	if err != nil {
		return nil, err
	}
	return k.cloud.showProject(p), nil
}
