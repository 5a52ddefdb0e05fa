package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/filelock"
)

// maxName is the longest name of a file that every file system takes, less what is
// added to it.
const maxName = 200

// A fileStore keeps each document in a file of a directory. The file's name says
// which document and of which revision it is: a save writes another file, gives it
// its name when it is on the disk, and removes the old one. So a document is always
// a whole one, and a crash leaves at worst a file too many.
type fileStore struct {
	dir string

	mu     sync.Mutex // one save at a time in this process; the lock file is for others
	closed bool
}

// openFile opens file:///directory. The directory is made, readable by its owner
// alone, unless it is there; the one above it must be.
func openFile(_ context.Context, u *url.URL) (Store, error) {
	const form = "want file:///path/to/directory, an absolute path after three slashes"
	path := filepath.FromSlash(u.Path)
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, `\`)
	}
	if u.Host != "" || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.Fragment != "" || !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return nil, errors.New(form)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory; %s", path, form)
	}
	return &fileStore{dir: filepath.Clean(path)}, nil
}

// Load implements [Store].
func (s *fileStore) Load(ctx context.Context, key string) (Document, error) {
	if err := CheckKey(key); err != nil {
		return Document{}, err
	}
	for {
		if err := s.usable(ctx); err != nil {
			return Document{}, err
		}
		_, revision, err := s.find(key)
		if err != nil || revision == 0 {
			return Document{}, err
		}
		data, err := os.ReadFile(s.file(key, revision))
		if errors.Is(err, fs.ErrNotExist) {
			continue // replaced meanwhile
		}
		if err != nil {
			return Document{}, err
		}
		return Document{Data: data, Revision: format(revision)}, nil
	}
}

// Save implements [Store].
func (s *fileStore) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := CheckSave(key, data); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", ErrClosed
	}
	lock, err := s.lock(ctx)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	all, present, err := s.find(key)
	if err != nil {
		return "", err
	}
	if revision != format(present) {
		return "", ErrConflict
	}
	// Revisions are times, so that one is not used again after somebody has removed
	// the file by hand.
	next := max(present+1, time.Now().UnixNano())
	if err := s.write(key, next, data); err != nil {
		return "", err
	}
	for _, old := range all {
		// One that stays is only a file too many: the latest counts.
		_ = os.Remove(s.file(key, old))
	}
	return format(next), nil
}

// Close implements [Store].
func (s *fileStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *fileStore) usable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return ctx.Err()
}

// lock waits until no other process saves.
func (s *fileStore) lock(ctx context.Context) (*os.File, error) {
	const pause = 5 * time.Millisecond
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := filelock.Open(filepath.Join(s.dir, ".lock"))
		if !errors.Is(err, filelock.ErrInUse) {
			return file, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// find returns the revisions of a document's files, and the latest of them; 0 if
// there is none.
func (s *fileStore) find(key string) (all []int64, latest int64, err error) {
	names, err := filepath.Glob(filepath.Join(escapeGlob(s.dir), fileName(key)+"@*"))
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		_, text, _ := strings.Cut(filepath.Base(name), "@")
		revision, err := strconv.ParseInt(text, 10, 64)
		if err != nil || revision <= 0 || format(revision) != text {
			continue // not ours
		}
		all = append(all, revision)
		latest = max(latest, revision)
	}
	return all, latest, nil
}

// write makes the file of a revision, with all of data or not at all. What a crash
// leaves of it is overwritten by the next save.
func (s *fileStore) write(key string, revision int64, data []byte) error {
	temporary := filepath.Join(s.dir, fileName(key)+".tmp")
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temporary, s.file(key, revision))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return filelock.SyncDir(s.dir)
}

func (s *fileStore) file(key string, revision int64) string {
	return filepath.Join(s.dir, fileName(key)+"@"+format(revision))
}

// fileName returns the name of a document's files without its revision. A name that
// would be too long ends in a hash of the key instead.
func fileName(key string) string {
	name := EscapeKey(key)
	if len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(key))
	return name[:maxName-2*len(sum)-1] + "~" + hex.EncodeToString(sum[:])
}

// format returns a revision as text: "" for none.
func format(revision int64) string {
	if revision == 0 {
		return ""
	}
	return strconv.FormatInt(revision, 10)
}

// escapeGlob keeps the characters of a directory from being taken for patterns.
func escapeGlob(dir string) string {
	if runtime.GOOS == "windows" {
		return dir // its file names have none of them, and "\" separates
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}
