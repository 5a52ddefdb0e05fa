package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// key is where a connector's document is in most of the tests.
const key = "projects/bhmh0143iktucae701vg/dataconnectors/bchonod7rihjtvdmd2vg"

// A probe is a store under test, and the others on the same documents.
type probe struct {
	checkpoint.Store

	t       *testing.T
	options Options
	opened  []checkpoint.Store
}

// open opens another Store on the same documents.
func (p *probe) open() checkpoint.Store {
	s := p.options.Open(p.t)
	p.opened = append(p.opened, s)
	return s
}

func (p *probe) closeAll() {
	for _, s := range p.opened {
		_ = s.Close() // twice for some: the test of Close is another
	}
}

// save saves data and returns the new revision.
func save(ctx context.Context, s checkpoint.Store, key string, data []byte, revision string) (string, error) {
	next, err := s.Save(ctx, key, data, revision)
	switch {
	case err != nil:
		return "", fmt.Errorf("save %s: %w", describe(data), err)
	case next == "":
		return "", fmt.Errorf("save %s: no revision was returned, and no error", describe(data))
	case next == revision:
		return "", fmt.Errorf("save %s: the revision is still %q", describe(data), next)
	}
	return next, nil
}

// expect checks that data is saved under key, and that the revision is that.
func expect(ctx context.Context, s checkpoint.Store, key string, data []byte, revision string) error {
	d, err := s.Load(ctx, key)
	switch {
	case err != nil:
		return fmt.Errorf("load: %w", err)
	case d.Revision != revision:
		return fmt.Errorf("loaded revision %q with %s, want revision %q", d.Revision, describe(d.Data), revision)
	case d.Data == nil:
		return fmt.Errorf("loaded nil, which means that there is no document, want %s", describe(data))
	case !bytes.Equal(d.Data, data):
		return fmt.Errorf("loaded %s, want %s", describe(d.Data), describe(data))
	}
	return nil
}

// expectNone checks that there is no document of key.
func expectNone(ctx context.Context, s checkpoint.Store, key string) error {
	d, err := s.Load(ctx, key)
	switch {
	case err != nil:
		return fmt.Errorf("load where there is nothing: %w", err)
	case d.Data != nil || d.Revision != "":
		return fmt.Errorf("load where there is nothing: got revision %q with %s, want the zero Document", d.Revision, describe(d.Data))
	}
	return nil
}

// expectConflict checks that data is not saved in the place of that revision.
func expectConflict(ctx context.Context, s checkpoint.Store, key string, data []byte, revision string) error {
	next, err := s.Save(ctx, key, data, revision)
	if !errors.Is(err, checkpoint.ErrConflict) || next != "" {
		return fmt.Errorf("save in the place of revision %q: got %q and %v, want ErrConflict", revision, next, err)
	}
	return nil
}

func describe(data []byte) string {
	if data == nil {
		return "nil"
	}
	return fmt.Sprintf("%d bytes %.60q", len(data), data)
}
