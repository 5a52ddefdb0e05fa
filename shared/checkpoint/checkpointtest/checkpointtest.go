// Package checkpointtest has the tests that every checkpoint store passes, and a
// store in memory for the tests of others.
package checkpointtest

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// Options say what is tested.
type Options struct {
	// Open opens the store, an empty one at first. Called again in the same test it
	// opens another Store on the same documents, as another process would; both may
	// be in use at once. Required.
	Open func(t *testing.T) checkpoint.Store
	// Writers is how many goroutines change one document at a time; 0 means 8. Fewer
	// are for stores that are slow under contention.
	Writers int
}

// Run runs all tests. options is called for each of them, so that each gets
// documents of its own.
func Run(t *testing.T, options func(t *testing.T) Options) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(t, options(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// A testCase returns its finding instead of reporting it, so that the suite itself
// can be tested on stores that break the contract.
type testCase struct {
	name  string
	check func(ctx context.Context, p *probe) error
}

// run uses t for opening stores alone.
func (c testCase) run(t *testing.T, o Options) error {
	if o.Writers == 0 {
		o.Writers = 8
	}
	p := &probe{t: t, options: o}
	defer p.closeAll()
	p.Store = p.open()
	return c.check(t.Context(), p)
}

func cases() []testCase {
	return []testCase{
		{"missing document", missing},
		{"what is saved is loaded", contents},
		{"memory is the caller's again", aliasing},
		{"keys do not mix", keysDoNotMix},
		{"keys that cannot be", refusedKeys},
		{"documents that cannot be", refusedDocuments},
		{"document made twice", madeTwice},
		{"stale revision", stale},
		{"revision of another document", strange},
		{"revisions of the same text", sameText},
		{"stored after reopening", reopened},
		{"two stores", twoStores},
		{"many writers lose nothing", manyWriters},
		{"one of many makes a document", manyMakers},
		{"ended context", endedContext},
		{"context ends while saving", contextEndsMidway},
		{"close", closing},
		{"close while saving", closeMidway},
	}
}
