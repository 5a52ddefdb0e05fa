// Package findtest is the test suite that every finder passes, whatever sink it looks
// into. It holds a finder to the contract of find.Finder, and to being a guest: what is
// others' stays, and what it makes is removed.
package findtest

import (
	"context"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// A Backend is one sink, empty at first.
type Backend struct {
	// Open opens a finder of the sink.
	Open func() (find.Finder, error)
	// OpenAbsent opens a finder of a sink of the same kind that is not there.
	OpenAbsent func() (find.Finder, error)
	// Publish stores an event in the sink, as its driver does.
	Publish func(ctx context.Context, m sink.Message) error
	// Left returns the ids of all events that the sink's consumers still get, in any
	// order. It may take them, and is called once, at the end. Nil where a finder
	// looks at nothing that consumers have.
	Left func(ctx context.Context) ([]string, error)
	// Made returns the names of what finders have made and not removed. Nil where
	// they make nothing.
	Made func(ctx context.Context) ([]string, error)
}

// A Refusal is a finder that cannot look, and says why.
type Refusal struct {
	// Open opens the finder.
	Open func(t *testing.T) (find.Finder, error)
	// Says is a part of the error.
	Says string
	// Blind means that the error wraps find.ErrBlind.
	Blind bool
}

// A Harness tells the suite what it is to test.
type Harness struct {
	// New returns a fresh Backend and has t clean it up.
	New func(t *testing.T) Backend

	// KnowsBefore means that an event is not found that was there before Prepare,
	// whatever its id is.
	KnowsBefore bool
	// Removes means that the event is gone from the sink when it has been found.
	Removes bool
	// TakenAway means that consumers take events away, so that a missing one is
	// find.ErrTaken.
	TakenAway bool
	// OnlyAlone means that the event is seen only where nothing else waits:
	// otherwise the error is find.ErrBlind.
	OnlyAlone bool
	// ByID means that the event is known by its id in the sink alone, not by what is
	// in it.
	ByID bool
	// Unsure means that a missing event is find.ErrBlind: it may have come before the
	// finder was ready.
	Unsure bool

	// Refusals are the finders that cannot look, by what is wrong.
	Refusals map[string]Refusal
	// Secrets are in no error.
	Secrets []string

	patience time.Duration // 0 means the default
}

// Run runs the suite, each case on a Backend of its own.
func Run(t *testing.T, h Harness) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(t.Context(), h, h.New(t)); err != nil {
				t.Error(err)
			}
		})
	}
	for name, r := range h.Refusals {
		t.Run(name, func(t *testing.T) {
			finder, err := r.Open(t)
			if err := refused(t.Context(), h, r, finder, err); err != nil {
				t.Error(err)
			}
		})
	}
}

// A testCase returns its finding instead of reporting it, so that the suite itself can
// be tested on finders that break the contract.
type testCase struct {
	name  string
	check func(ctx context.Context, p *probe) error
}

func (c testCase) run(ctx context.Context, h Harness, b Backend) error {
	p := &probe{harness: h, backend: b}
	if err := c.check(ctx, p); err != nil {
		return err
	}
	return p.finish(ctx)
}

func cases() []testCase {
	return []testCase{
		{"found", found},
		{"found by what is in it alone", foundByData},
		{"found among others", foundAmongOthers},
		{"found when it comes late", foundLate},
		{"found when it is sent twice", foundTwice},
		{"others before it", othersBefore},
		{"the same event before it", sameBefore},
		{"another one is not it", another},
		{"nothing comes", nothing},
		{"two at a time", two},
		{"given up before it begins", givenUpBefore},
		{"given up while it looks", givenUp},
		{"closed with nothing done", closedAtOnce},
		{"closed with nothing looked for", closedPrepared},
		{"no such sink", absent},
	}
}
