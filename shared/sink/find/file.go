package find

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// OpenFile is the OpenFunc of file sinks. What is found stays: other lines may come
// behind it at any moment.
func OpenFile(u *url.URL) (Finder, error) {
	path, err := sink.FilePath(u)
	if err != nil {
		return nil, fmt.Errorf("the sink's URL %w", err)
	}
	return &file{path: path}, nil
}

type file struct {
	path   string
	offset int64 // where the first line begins that was not there before
}

func (f *file) Prepare(context.Context) error {
	if err := CheckFolder(f.path); err != nil {
		return err
	}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.offset = 0 // the sink makes it
		return nil
	case err != nil:
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("what the sink's URL names is no regular file")
	}
	f.offset = info.Size()
	return nil
}

// CheckFolder returns an ErrAbsent where the folder of the file at path is not there:
// sinks make their file, but not its folder.
func CheckFolder(path string) error {
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return fmt.Errorf("%w: this machine has no folder %s", ErrAbsent, folder)
	}
	return nil // what else is wrong, the file itself shows
}

func (f *file) Find(ctx context.Context, id string) error {
	return Poll(ctx, 50*time.Millisecond, func(context.Context) (bool, error) { return f.look(id) })
}

// look reads all that is behind offset.
func (f *file) look(id string) (bool, error) {
	in, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < f.offset {
		f.offset = 0 // it was begun anew
	}
	if _, err := in.Seek(f.offset, io.SeekStart); err != nil {
		return false, err
	}
	return contains(in, id)
}

func (f *file) Close(context.Context) error { return nil }

// contains tells whether id is in what in holds, without having all of it in memory.
func contains(in io.Reader, id string) (bool, error) {
	buffer := make([]byte, 64<<10)
	kept := 0 // of the bytes before, for an id across two reads
	for {
		n, err := in.Read(buffer[kept:])
		seen := buffer[:kept+n]
		if bytes.Contains(seen, []byte(id)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buffer, seen[max(0, len(seen)-len(id)):])
	}
}

// Blind returns the OpenFunc of sinks that nothing can be read from.
func Blind(why string) OpenFunc {
	return func(*url.URL) (Finder, error) { return blind{why}, nil }
}

type blind struct{ why string }

func (blind) Prepare(context.Context) error { return nil }

func (b blind) Find(context.Context, string) error { return blindError(b) }

func (blind) Close(context.Context) error { return nil }

type blindError struct{ why string }

func (e blindError) Error() string { return e.why }

func (blindError) Is(target error) bool { return target == ErrBlind }
