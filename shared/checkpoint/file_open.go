package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/dt-functions/dt-functions/shared/filelock"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// openFile opens file:///directory. The directory is made, readable by its owner
// alone, unless it is there; the one above it must be.
func openFile(_ context.Context, u *url.URL) (Store, error) {
	// A directory may be written with a slash at its end, which FilePath refuses.
	named := *u
	named.Path = strings.TrimRight(u.Path, "/")
	dir, err := sink.FilePath(&named)
	if err != nil {
		return nil, fmt.Errorf("%w; it is the path of a directory", err)
	}
	if err := makeDir(dir); err != nil {
		return nil, explain(err)
	}
	return newFileStore(dir), nil
}

func newFileStore(dir string) *fileStore {
	s := &fileStore{dir: dir, create: createFile, syncDir: filelock.SyncDir, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// makeDir makes sure that dir is a directory, on the disk too.
func makeDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		parent := filepath.Dir(dir)
		if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: the directory above it must exist; make it with mkdir -p %s", fs.ErrNotExist, parent)
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := filelock.SyncDir(parent); err != nil {
			return err
		}
		info, err = os.Stat(dir)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("is a file; name a directory")
	}
	return nil
}

// createFile makes a new file, readable by its owner alone, in the place of one
// that a crash may have left.
func createFile(path string) (newFile, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}
