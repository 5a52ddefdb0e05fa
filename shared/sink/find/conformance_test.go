package find_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

// A file sink is a file, its events lines of JSON.
type file struct{ path string }

func newFile(t *testing.T) file { return file{filepath.Join(t.TempDir(), "events.jsonl")} }

func (f file) url() string { return (&url.URL{Scheme: "file", Path: f.path}).String() }

func (f file) open() (find.Finder, error) {
	return find.Drivers{"file": find.OpenFile}.Open(f.url())
}

func (f file) publish(ctx context.Context, m sink.Message) error {
	s, err := sink.Portable{}.Drivers().Open(ctx, []string{f.url()})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Publish(ctx, []sink.Message{m})
	return err
}

func (f file) left(context.Context) ([]string, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for line := range bytes.Lines(text) {
		id, lineErr := findtest.ID(line)
		ids, err = append(ids, id), errors.Join(err, lineErr)
	}
	return ids, err
}

func TestFile(t *testing.T) {
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			f := newFile(t)
			return findtest.Backend{Open: f.open, OpenAbsent: file{filepath.Join(f.path, "events.jsonl")}.open, Publish: f.publish, Left: f.left}
		},
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"a folder": {Open: func(t *testing.T) (find.Finder, error) { return file{t.TempDir()}.open() }, Says: "no regular file"},
			"no path":  {Open: func(*testing.T) (find.Finder, error) { return find.OpenFile(&url.URL{Scheme: "file"}) }, Says: "the sink's URL names no absolute path"},
		},
	})
}
