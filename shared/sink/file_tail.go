package sink

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// errNotEvents means that a file holds something else than a file sink wrote.
// Nothing in it is changed.
var errNotEvents = errors.New("does not hold one JSON object a line, so it is not a sink's file; name another file, or move this one away")

// repairTail makes file end in a complete line and returns its size. A process or
// a machine that stops while it writes leaves a part of a line, of messages that
// were never acknowledged; the next line would be glued to it. A part that is a
// whole object gets its line break, any other is cut off.
func repairTail(file diskFile) (size int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	size = info.Size()
	if size == 0 {
		return 0, nil
	}
	end := make([]byte, 1)
	if _, err := file.ReadAt(end, size-1); err != nil {
		return 0, err
	}
	complete := end[0] == '\n'
	lineEnd := size
	if complete {
		lineEnd--
	}
	start, err := lineStart(file, lineEnd)
	if err != nil {
		return 0, err
	}
	if err := expectObjects(file, start); err != nil || complete {
		return size, err
	}
	if isWhole(file, start, size) {
		if _, err := file.WriteAt([]byte{'\n'}, size); err != nil {
			return 0, err
		}
		return size + 1, file.Sync()
	}
	if err := file.Truncate(start); err != nil {
		return 0, err
	}
	return start, file.Sync()
}

// expectObjects checks that the first line and the last one, which begins at
// last, look like a sink's: a mistyped path must not cost somebody a file.
func expectObjects(file io.ReaderAt, last int64) error {
	first := make([]byte, 1)
	for _, at := range []int64{0, last} {
		if _, err := file.ReadAt(first, at); err != nil {
			return err
		}
		// Some file systems leave zero bytes where a power cut came before the data.
		zeros := first[0] == 0 && at == last && at > 0
		if first[0] != '{' && !zeros {
			return errNotEvents
		}
	}
	return nil
}

// lineStart returns where the line that ends at end begins.
func lineStart(file io.ReaderAt, end int64) (int64, error) {
	chunk := make([]byte, 64<<10)
	for end > 0 {
		n := min(end, int64(len(chunk)))
		if _, err := file.ReadAt(chunk[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(chunk[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}

// isWhole reports whether file has one JSON object from start to end.
func isWhole(file io.ReaderAt, start, end int64) bool {
	d := jsontext.NewDecoder(io.NewSectionReader(file, start, end-start))
	if d.PeekKind() != '{' || d.SkipValue() != nil {
		return false
	}
	_, err := d.ReadToken()
	return err == io.EOF
}
