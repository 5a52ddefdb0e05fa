package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
)

// openStdout opens stdout: one line of JSON a message, written to w. Durable means
// that w has taken it: what reads the other end answers for the rest.
func openStdout(w io.Writer, u *url.URL) (Sink, error) {
	if u.User != nil || u.Host != "" || u.Opaque != "" || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("must be stdout: with nothing after it")
	}
	s := &writerSink{w: w}
	s.Batcher = NewBatcher(s.flush, Limits{})
	return s, nil
}

// A writerSink's fields are used by one flush at a time. Writing by way of the
// Batcher lets callers leave while a pipe is full.
type writerSink struct {
	*Batcher
	w    io.Writer
	torn bool // a part of a line has been written
	buf  []byte
}

func (s *writerSink) flush(_ context.Context, msgs []Message) ([]bool, error) {
	s.buf = s.buf[:0]
	if s.torn {
		s.buf = append(s.buf, '\n')
	}
	for i := range msgs {
		s.buf = appendLine(s.buf, &msgs[i])
	}
	n, err := s.w.Write(s.buf)
	if n > 0 {
		s.torn = s.buf[n-1] != '\n'
	}
	if err == nil && n < len(s.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return nil, fmt.Errorf("writing to standard output: %w", err)
	}
	return nil, nil
}
