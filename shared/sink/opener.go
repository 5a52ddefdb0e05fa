package sink

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// OpenFunc opens the sink that u names. ctx is for the opening alone. Errors
// contain no part of u but its host and its path.
type OpenFunc func(ctx context.Context, u *url.URL) (Sink, error)

// Drivers are the kinds of sinks that a program has, by their URLs' scheme in
// lower case. Portable returns those that every program has.
type Drivers map[string]OpenFunc

// Schemes returns the schemes in alphabetical order.
func (d Drivers) Schemes() []string {
	return slices.Sorted(maps.Keys(d))
}

// Check parses rawURL and checks that there is a driver for its scheme; what else
// the driver wants is seen by Open. Errors contain no part of rawURL but its
// scheme, since a password may be in any other.
func (d Drivers) Check(rawURL string) (*url.URL, error) {
	if strings.TrimSpace(rawURL) == "" {
		return nil, fmt.Errorf("sink URL is empty: want %s", d.forms())
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		// The errors of url.Parse quote what they do not understand.
		return nil, errors.New("sink URL cannot be parsed; in a user name or a password, characters other than letters and digits are written percent-encoded")
	}
	switch _, ok := d[u.Scheme]; {
	case u.Scheme == "":
		return nil, fmt.Errorf("sink URL has no scheme: want %s", d.forms())
	case !ok:
		return nil, fmt.Errorf("sink URL has the unknown scheme %q: want %s", u.Scheme, d.forms())
	}
	return u, nil
}

// Open opens the sinks that rawURLs name. Several become one: it publishes to all
// of them at once and succeeds when all have every message. Its Duplicates is the
// smallest of theirs: what even one of them did not have is not a duplicate. So it
// is 0 as soon as one of them cannot tell.
//
// When one cannot be opened, those already open are closed again.
func (d Drivers) Open(ctx context.Context, rawURLs []string) (Sink, error) {
	if len(rawURLs) == 0 {
		return nil, fmt.Errorf("no sink URL: want one or more of %s", d.forms())
	}
	urls := make([]*url.URL, len(rawURLs))
	for i, rawURL := range rawURLs {
		u, err := d.Check(rawURL)
		if err != nil {
			return nil, err
		}
		urls[i] = u
	}
	all := make(fanOut, 0, len(urls))
	for _, u := range urls {
		s, err := d[u.Scheme](ctx, u)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sink %s: %w", redact(u), err), all.Close())
		}
		all = append(all, member{name: redact(u), sink: s})
	}
	if len(all) == 1 {
		return all[0].sink, nil
	}
	return all, nil
}

// forms names the URLs that are accepted.
func (d Drivers) forms() string {
	schemes := d.Schemes()
	for i, scheme := range schemes {
		switch scheme {
		case "stdout":
			schemes[i] = "stdout:"
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
