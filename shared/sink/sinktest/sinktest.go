// Package sinktest is the test suite that every sink passes, whatever it stores
// in. It holds a driver to the contract of sink.Sink and assumes no more: messages
// may come back in any order and, where a sink cannot tell duplicates, more than
// once.
package sinktest

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A Backend is a place where one sink stores, empty at first.
type Backend struct {
	// Open opens the sink. It is called again after the sink's Close, as a new
	// process would.
	Open func(ctx context.Context) (sink.Sink, error)
	// Stored returns all messages that are stored, in any order, without the
	// fields that the sink does not keep. It is called with the sink open or
	// closed, and waits where the backend shows messages late.
	Stored func(ctx context.Context) ([]sink.Message, error)
}

// A Harness tells the suite what it is to test.
type Harness struct {
	// New returns a fresh Backend and has t clean it up.
	New func(t *testing.T) Backend

	KeepsID         bool // Stored returns ID
	KeepsKey        bool // Stored returns Key
	KeepsAttributes bool // Stored returns Attributes

	// DetectsDuplicates means that no ID is stored twice, and that Result tells.
	DetectsDuplicates bool

	// MaxData is the longest Data that the sink takes, in bytes. 0 means at least
	// 1 MiB. Longer Data must be refused with sink.ErrTooLarge.
	MaxData int
	// RefusesEmpty means that the sink cannot store a message without Data.
	RefusesEmpty bool
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
}

// A testCase returns its finding instead of reporting it, so that the suite itself
// can be tested on sinks that break the contract.
type testCase struct {
	name  string
	check func(ctx context.Context, p *probe) error
}

func (c testCase) run(ctx context.Context, h Harness, b Backend) error {
	p := &probe{harness: h, backend: b}
	if err := p.open(ctx); err != nil {
		return err
	}
	defer p.sink.Close()
	return c.check(ctx, p)
}

func cases() []testCase {
	return []testCase{
		{"one message", oneMessage},
		{"batch", batch},
		{"empty batch", emptyBatch},
		{"attributes", attributes},
		{"binary data", binaryData},
		{"unicode data", unicodeData},
		{"JSON data", jsonData},
		{"empty data", emptyData},
		{"large data", largeData},
		{"memory is the caller's again", aliasing},
		{"concurrent publishers", concurrent},
		{"stored after reopening", reopened},
		{"duplicates", duplicates},
		{"duplicates among concurrent publishers", concurrentDuplicates},
		{"ended context", endedContext},
		{"context ends while publishing", contextEndsMidway},
		{"close", closing},
		{"close while publishing", closeMidway},
	}
}
