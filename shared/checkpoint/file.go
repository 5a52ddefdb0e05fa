package checkpoint

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dt-functions/dt-functions/shared/filelock"
)

// The names of files in a store's directory. What no document's name begins with
// is hidden, so that `rm *` does not take the lock from under a save.
const (
	documentPrefix = "checkpoint-" // before the escaped key
	lockName       = ".lock"
	temporaryName  = ".saving" // one is enough: only who has the lock saves
)

// A fileStore keeps each document in a file of a directory. A save writes another
// file, syncs it, and then gives it the document's name. So the document is always
// a whole one, and a crash leaves at worst the other file, which the next save
// replaces.
//
// Whoever reads or writes a document has the lock file locked: on Windows, a file
// that is being read could not be replaced.
type fileStore struct {
	dir string

	// What a test replaces to make a disk fail.
	create  func(path string) (newFile, error)
	syncDir func(path string) error

	turn   chan struct{} // holds one value, which whoever uses the directory has
	closed bool          // for whoever has the turn
}

// A newFile is what a fileStore needs of the *os.File that it writes.
type newFile interface {
	io.WriteCloser
	Sync() error
}

// Load implements [Store]. The error wraps ErrDamaged if the document was changed by
// something else than a Store.
func (s *fileStore) Load(ctx context.Context, key string) (Document, error) {
	if err := CheckKey(key); err != nil {
		return Document{}, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return Document{}, s.fault("loading", key, err)
	}
	defer unlock()
	document, err := s.read(key)
	if err != nil {
		return Document{}, s.fault("loading", key, err)
	}
	return document, nil
}

// Save implements [Store]. The error wraps ErrDamaged if the old document was
// changed by something else than a Store.
func (s *fileStore) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := CheckSave(key, data); err != nil {
		return "", err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return "", s.fault("saving", key, err)
	}
	defer unlock()
	old, err := s.read(key)
	if err == nil && old.Revision != revision {
		err = ErrConflict
	}
	// Not a number that counts up: it would be used again after somebody has
	// removed the file.
	next := rand.Text()
	if err == nil {
		err = s.write(key, encode(key, next, data))
	}
	if err != nil {
		return "", s.fault("saving", key, err)
	}
	return next, nil
}

// Close implements [Store]. It waits for what is under way.
func (s *fileStore) Close() error {
	<-s.turn
	s.closed = true
	s.turn <- struct{}{}
	return nil
}

// lock waits until nobody else uses the directory, and returns the end of that.
func (s *fileStore) lock(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var file *os.File
	if err = ErrClosed; !s.closed {
		file, err = lockFile(ctx, filepath.Join(s.dir, lockName))
	}
	if err != nil {
		s.turn <- struct{}{}
		return nil, err
	}
	return func() {
		_ = file.Close() // nothing was written to it
		s.turn <- struct{}{}
	}, nil
}

// lockFile waits until no other process has the file at path locked. There is no
// wait of the system that a context could end, so it tries again and again.
func lockFile(ctx context.Context, path string) (*os.File, error) {
	const pause = 2 * time.Millisecond // a save takes about as long
	for {
		file, err := filelock.Open(path)
		if !errors.Is(err, filelock.ErrInUse) {
			return file, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w: %w", path, err, ctx.Err())
		}
	}
}

// path returns where the document of key is.
func (s *fileStore) path(key string) string {
	return filepath.Join(s.dir, documentPrefix+EscapeKey(key))
}

func (s *fileStore) read(key string) (Document, error) {
	file, err := os.Open(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, nil
	}
	if err != nil {
		return Document{}, err
	}
	// Of a longer file no part is a document.
	content, err := io.ReadAll(io.LimitReader(file, maxDocumentFile))
	if err := errors.Join(err, file.Close()); err != nil {
		return Document{}, err
	}
	return decode(key, content)
}

// write puts content in the place of the document's file, all of it or nothing.
func (s *fileStore) write(key string, content []byte) error {
	temporary := filepath.Join(s.dir, temporaryName)
	file, err := s.create(temporary)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temporary, s.path(key))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	// The new name is on the disk only when the directory is.
	return s.syncDir(s.dir)
}

// fault returns err with what was done, and the file where somebody can do
// something about it.
func (s *fileStore) fault(doing, key string, err error) error {
	return fmt.Errorf("%s checkpoint %s: %w", doing, s.path(key), explain(err))
}

// explain returns err without the path, which the caller names, and with what to do.
func explain(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; this user must be allowed to read and write in the directory", pathError.Err)
	}
	return err
}
