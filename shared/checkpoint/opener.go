package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// OpenFunc opens the store that u names. ctx is for the opening alone. Errors
// contain no part of u but its host and its path.
type OpenFunc func(ctx context.Context, u *url.URL) (Store, error)

// Drivers are the kinds of stores that a program has, by their URLs' scheme in
// lower case. Portable returns those that every program has.
type Drivers map[string]OpenFunc

// Portable returns the drivers that need no cloud: file.
func Portable() Drivers { return Drivers{"file": openFile} }

// Schemes returns the schemes in alphabetical order.
func (d Drivers) Schemes() []string { return slices.Sorted(maps.Keys(d)) }

// Check parses rawURL and checks that there is a driver for its scheme; what else
// the driver wants is seen by Open. Errors contain no part of rawURL but its
// scheme, since a password may be in any other.
func (d Drivers) Check(rawURL string) (*url.URL, error) {
	if strings.TrimSpace(rawURL) == "" {
		return nil, fmt.Errorf("checkpoint URL is empty: want %s", d.forms())
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		// The errors of url.Parse quote what they do not understand.
		return nil, errors.New("checkpoint URL cannot be parsed; in a user name or a password, characters other than letters and digits are written percent-encoded")
	}
	switch _, ok := d[u.Scheme]; {
	case u.Scheme == "":
		return nil, fmt.Errorf("checkpoint URL has no scheme: want %s", d.forms())
	case !ok:
		return nil, fmt.Errorf("checkpoint URL has the unknown scheme %q: want %s", u.Scheme, d.forms())
	}
	return u, nil
}

// Open opens the store that rawURL names. Errors contain no part of rawURL but its
// scheme, its host and its path.
func (d Drivers) Open(ctx context.Context, rawURL string) (Store, error) {
	u, err := d.Check(rawURL)
	if err != nil {
		return nil, err
	}
	s, err := d[u.Scheme](ctx, u)
	if err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", redact(u), err)
	}
	return s, nil
}

// forms names the URLs that are accepted.
func (d Drivers) forms() string {
	if len(d) == 0 {
		return "nothing, since this program has no checkpoint stores"
	}
	schemes := d.Schemes()
	for i, scheme := range schemes {
		switch scheme {
		case "file", "sqlite":
			schemes[i] = scheme + ":///path"
		default:
			schemes[i] = scheme + "://…"
		}
	}
	return strings.Join(schemes, ", ")
}

// redact returns u without what may be secret in it: user, password, query and
// fragment.
func redact(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.Opaque != "" {
		shown.Opaque = "…"
	}
	return shown.String()
}
