package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/dt-functions/dt-functions/shared/filelock"
)

// openFile opens file:///path/events.ndjson: one line of JSON a message,
// appended, and on the disk (fsync) before Publish returns.
//
// The file is made, readable by its owner alone, but not its directory: a
// mistyped path would become a new directory that nobody reads. One process has
// the file at a time. It may be renamed, removed or cut while the sink is open, as
// log rotation does: the next message goes to a file at the same path.
func openFile(_ context.Context, u *url.URL) (Sink, error) {
	path, err := FilePath(u)
	if err != nil {
		return nil, err
	}
	s, err := newFileSink(path, openRegular)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// errInUse means that another sink, most likely of another process, has the file.
var errInUse = errors.New("another process has it open as its sink; give each process a file of its own")

// A diskFile is what a fileSink needs of an *os.File.
type diskFile interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
}

// A fileSink's fields are used by one flush at a time.
type fileSink struct {
	*Batcher
	path string
	open func(path string) (diskFile, error)
	file diskFile // nil when the last attempt to open it failed
	size int64    // bytes in file, all of them complete lines
	buf  []byte
}

func newFileSink(path string, open func(path string) (diskFile, error)) (*fileSink, error) {
	s := &fileSink{path: path, open: open}
	s.Batcher = NewBatcher(s.flush, Limits{})
	if err := s.reopen(); err != nil {
		return nil, s.fault("opening", err)
	}
	return s, nil
}

// Close waits for what is being written and closes the file.
func (s *fileSink) Close() error {
	if err := s.Batcher.Close(); err != nil {
		return err
	}
	if err := s.closeFile(); err != nil {
		return s.fault("closing", err)
	}
	return nil
}

func (s *fileSink) closeFile() error {
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

func (s *fileSink) flush(_ context.Context, msgs []Message) ([]bool, error) {
	if err := s.ready(); err != nil {
		return nil, s.fault("opening", err)
	}
	s.buf = s.buf[:0]
	for i := range msgs {
		s.buf = appendLine(s.buf, &msgs[i])
	}
	if err := s.write(s.buf); err != nil {
		return nil, s.fault("writing", err)
	}
	return nil, nil
}

// write appends lines. When that fails the file is cut back to what it was, so
// that it never ends in a part of a line. After a failed fsync that also drops the
// pages of which nobody knows whether they are on the disk.
func (s *fileSink) write(lines []byte) error {
	_, err := s.file.WriteAt(lines, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		s.size += int64(len(lines))
		return nil
	}
	if cut := s.file.Truncate(s.size); cut != nil {
		// ready will see that the size differs, and repair.
		return errors.Join(err, fmt.Errorf("cutting off what was written of it: %w", cut))
	}
	return err
}

// ready makes s.file the file at s.path, ending in a complete line.
func (s *fileSink) ready() error {
	if s.file == nil {
		return s.reopen()
	}
	mine, err := s.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !os.SameFile(mine, there) {
		// What is written to a removed file is lost when it is closed.
		return errors.Join(s.closeFile(), s.reopen())
	}
	if mine.Size() != s.size {
		s.size, err = repairTail(s.file)
	}
	return err
}

func (s *fileSink) reopen() error {
	file, err := s.open(s.path)
	if err != nil {
		return err
	}
	size, err := repairTail(file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s.file, s.size = file, size
	return nil
}

// fault returns err with the path in it once.
func (s *fileSink) fault(doing string, err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	return fmt.Errorf("%s %s: %w", doing, s.path, err)
}

// openRegular opens the file at path for this process alone, and makes it when
// there is none.
func openRegular(path string) (diskFile, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return nil, fmt.Errorf("%w: its directory must exist; make it with mkdir -p %s", fs.ErrNotExist, filepath.Dir(path))
		}
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory; name a file in it, such as " + filepath.Join(path, "events.ndjson"))
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a regular file, so nothing in it would last (for standard output use stdout:)")
	}
	file, err := filelock.Open(path)
	if errors.Is(err, filelock.ErrInUse) {
		return nil, errInUse
	}
	if err != nil {
		return nil, err
	}
	// The name of a new file is on the disk only when its directory is.
	if err := filelock.SyncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
