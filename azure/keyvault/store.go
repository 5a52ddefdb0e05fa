package keyvault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/dt-functions/dt-functions/azure/rest"
)

// Store is Key Vault, as package secretstore needs it.
type Store struct{ config Config }

// NewStore returns a Store.
func NewStore(c Config) Store { return Store{c} }

// Refers implements secretstore.Store, for references that begin with azure-keyvault.
func (Store) Refers(value string) bool { return strings.HasPrefix(value, Scheme+":") }

// Read implements secretstore.Store.
func (s Store) Read(ctx context.Context, reference string) (string, error) {
	got, err := s.config.read(ctx, reference)
	if err != nil {
		return "", wrap(err)
	}
	return got.Value, nil
}

// Versions implements secretstore.Store: the newest version and, where the reference
// names none, the one that was made before it, unless that is disabled in the vault or
// the vault does not let the versions be listed.
func (s Store) Versions(ctx context.Context, reference string) ([]string, error) {
	u, err := parse(reference)
	if err != nil {
		return nil, err
	}
	if named := strings.Count(u.Path, "/") > 2; named {
		value, err := s.Read(ctx, reference)
		return []string{value}, err
	}
	var (
		current          bundle
		versions         []version
		readErr, listErr error
		done             sync.WaitGroup
	)
	done.Go(func() { current, readErr = s.config.read(ctx, reference) })
	done.Go(func() { versions, listErr = s.config.list(ctx, u) })
	done.Wait()
	switch forbidden, ok := errors.AsType[*rest.Error](listErr); {
	case readErr != nil:
		return nil, wrap(readErr)
	case ok && forbidden.Status == http.StatusForbidden:
		return []string{current.Value}, nil
	case listErr != nil:
		return nil, wrap(listErr)
	}
	before := previous(versions, current.ID)
	if before == "" {
		return []string{current.Value}, nil
	}
	former, err := s.config.read(ctx, before)
	if err != nil {
		return nil, wrap(err)
	}
	return []string{current.Value, former.Value}, nil
}

func wrap(err error) error {
	if errors.Is(err, ErrReference) {
		return err
	}
	return fmt.Errorf("cannot be read from where it refers to: %w", err)
}

// A version is one as the vault lists it (Key Vault REST API, "Get Secret Versions").
type version struct {
	ID         string `json:"id"`
	Attributes struct {
		Enabled bool  `json:"enabled"`
		Created int64 `json:"created"` // Unix seconds
	} `json:"attributes"`
}

// most is how many pages of versions are read, of 25 each: they come in no order that
// is told.
const most = 20

// list returns the versions of the secret at u.
func (c Config) list(ctx context.Context, u *url.URL) ([]version, error) {
	next := *u
	next.Path += "/versions"
	var all []version
	for range most {
		var page struct {
			Value    []version `json:"value"`
			NextLink string    `json:"nextLink"`
		}
		if err := c.get(ctx, &next, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		if page.NextLink == "" {
			break
		}
		link, err := url.Parse(page.NextLink)
		// A token is sent there: it must be the same vault.
		if err != nil || link.Scheme != "https" || !strings.EqualFold(link.Host, u.Host) || link.Path != next.Path || link.User != nil {
			return nil, errors.New("the answer of Key Vault goes on elsewhere")
		}
		next = *link
	}
	return all, nil
}

// previous returns the id of the newest version that was made before the one with the
// id current and is enabled; "" if there is none.
func previous(versions []version, current string) string {
	var newest, now version
	for _, v := range versions {
		if v.ID == current {
			now = v
		}
	}
	for _, v := range versions {
		if v.ID != current && v.Attributes.Enabled && v.Attributes.Created <= now.Attributes.Created && v.Attributes.Created >= newest.Attributes.Created {
			newest = v
		}
	}
	return newest.ID
}
