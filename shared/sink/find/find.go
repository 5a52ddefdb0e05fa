// Package find looks for one event in a sink, to see that what was accepted has
// arrived. A platform's own finders live with that platform.
//
// A finder is a guest: it takes nothing away from those for whom the events are, but
// for the one event that it looks for, where it can remove that without risk.
package find

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// A Finder looks for an event in one sink. It is for the use of one goroutine.
type Finder interface {
	// Prepare is called before the event is sent. It notes where the sink's new
	// events begin, or makes what they are delivered to. Where there is no such sink
	// the error wraps ErrAbsent.
	Prepare(ctx context.Context) error
	// Find returns nil when the event of that id is there. When ctx ends first the
	// error wraps ErrNotFound. Any other error says why it cannot be told.
	Find(ctx context.Context, id string) error
	// Close removes what Prepare has made. It is called even when Prepare failed
	// half-way.
	Close(ctx context.Context) error
}

var (
	// ErrNotFound means that the event did not come in time.
	ErrNotFound = errors.New("not found in time")
	// ErrTaken means that the event was not found where consumers take events away:
	// one of them may have been faster. It wraps ErrNotFound.
	ErrTaken = fmt.Errorf("%w, or a consumer of the queue has taken it already", ErrNotFound)
	// ErrBlind means that a sink cannot be looked into.
	ErrBlind = errors.New("cannot be looked into")
	// ErrAbsent means that there is no such sink. It is said where that is certain
	// alone: some services answer alike to those who may not see it. What a sink makes
	// by itself before its first event, as a table or a file, need not be there.
	ErrAbsent = errors.New("there is no such sink")
)

// Late is implemented by finders whose Prepare may take effect late, so that an event
// sent right after it may pass unseen: the event is then sent once more.
type Late interface {
	Late() bool
}

// OpenFunc returns the finder for the sink that u names. Nothing is called yet. Errors
// contain nothing of u that may be secret.
type OpenFunc func(u *url.URL) (Finder, error)

// Drivers are the finders by the scheme of the sink's URL, in lower case.
type Drivers map[string]OpenFunc

// Open returns the finder for the sink that rawURL names. Errors contain no part of it
// but its scheme, since a password may be in any other.
func (d Drivers) Open(rawURL string) (Finder, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("the sink's URL cannot be parsed")
	}
	open, ok := d[u.Scheme]
	if !ok {
		return nil, fmt.Errorf("sinks of the scheme %q %w, only those of %s", u.Scheme, ErrBlind, strings.Join(slices.Sorted(maps.Keys(d)), ", "))
	}
	return open(u)
}

// End returns the error of a Find whose ctx may have ended: the cause is then missing,
// unless the caller has given up.
func End(ctx context.Context, err, missing error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return missing
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}

// Prefix is how the names of all begin that finders make.
const Prefix = "dtfn-doctor-"

// NewName returns a name that nobody else has, for what a finder makes: of letters,
// digits and hyphens, and short enough for all services.
func NewName() string { return Prefix + strings.ToLower(rand.Text()) }
