package dtcloud

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// The roles that a service account can have in a project (DT: Roles and
// Permissions). Each may do what the ones before it may.
const (
	RoleUser              = "project.user"
	RoleDeveloper         = "project.developer"
	RoleAdmin             = "project.admin"
	RoleOrganizationAdmin = "organization.admin"
)

func roles() []string {
	return []string{RoleUser, RoleDeveloper, RoleAdmin, RoleOrganizationAdmin}
}

// ServiceAccountSpec describes a service account to add.
type ServiceAccountSpec struct {
	// ID becomes the last part of its name, and the first of its email address; ""
	// means one that is made up.
	ID string
	// Roles are what it may do, by the names of projects. Without one it may do
	// nothing, as a new one at DT.
	Roles map[string]string
	// BasicAuth lets it authenticate by its key alone.
	BasicAuth bool
	// KeyID and Secret are its key's; empty ones are made up.
	KeyID  string
	Secret secret.Text
}

// ServiceAccount is one that can call the REST API.
type ServiceAccount struct {
	// Name is "projects/P/serviceaccounts/S"; P is one of those it has a role in.
	Name   string
	Email  string
	KeyID  string
	Secret secret.Text
}

// account is a service account at work. It never changes.
type account struct {
	ServiceAccount
	basicAuth bool
	roles     map[string]string // by the project's name
}

// AddServiceAccount adds a service account with one key. The error wraps
// ErrNotFound or ErrInvalid.
func (c *Cloud) AddServiceAccount(spec ServiceAccountSpec) (ServiceAccount, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	home := ""
	for _, name := range slices.Sorted(maps.Keys(spec.Roles)) {
		p, err := c.project(name)
		if err != nil {
			return ServiceAccount{}, fmt.Errorf("add service account: %w", err)
		}
		if !slices.Contains(roles(), spec.Roles[name]) {
			return ServiceAccount{}, fmt.Errorf("add service account: %w: role %q: want one of %v", ErrInvalid, spec.Roles[name], roles())
		}
		home = p.id
	}
	if home == "" { // as if of a project that there is not any more
		home = newID(c.clock.Now(), c.random)
	}
	id, err := c.givenID(spec.ID)
	if err != nil {
		return ServiceAccount{}, fmt.Errorf("add service account: %w", err)
	}
	keyID, err := c.givenID(spec.KeyID)
	if err != nil {
		return ServiceAccount{}, fmt.Errorf("add service account: key: %w", err)
	}
	if c.accounts[keyID] != nil {
		return ServiceAccount{}, fmt.Errorf("add service account: %w: key %s is there already", ErrInvalid, keyID)
	}
	name := "projects/" + home + "/serviceaccounts/" + id
	for _, other := range c.accounts {
		if other.Name == name {
			return ServiceAccount{}, fmt.Errorf("add service account: %w: %s is there already", ErrInvalid, name)
		}
	}
	a := &account{basicAuth: spec.BasicAuth, roles: maps.Clone(spec.Roles)}
	a.KeyID, a.Secret = keyID, spec.Secret
	if a.Secret.IsZero() {
		var b [16]byte
		_, _ = c.random.Read(b[:]) // has no errors
		a.Secret = secret.New(hex.EncodeToString(b[:]))
	}
	a.Name = name
	a.Email = id + "@" + home + ".serviceaccount.d21s.com" // the form of DT's sample
	c.accounts[keyID] = a
	return a.ServiceAccount, nil
}

// may tells whether a has at least that role in a project.
func (a *account) may(role string, project *project) bool {
	return slices.Index(roles(), a.roles[project.name]) >= slices.Index(roles(), role)
}
