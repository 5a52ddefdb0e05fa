package receivehttp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/dt-functions/dt-functions/functions/receive"
)

const (
	// smallBody is the length, in bytes, up to which a body is read at once.
	// DT's are below it.
	smallBody = 16 << 10
	// maxLarge is how many longer bodies may be in memory at a time, which
	// bounds what senders can make this process use: 64 MiB. Small bodies never
	// wait for large ones, so nobody can block DT's events with them.
	maxLarge = 64
)

// A bodyReader reads bodies of requests.
type bodyReader struct {
	large chan struct{} // a place for each large body
}

func newBodyReader() bodyReader {
	return bodyReader{large: make(chan struct{}, maxLarge)}
}

// A body is held until release.
type body struct {
	bytes   []byte
	release func()
}

// read reads the body of r, never more than receive.MaxBody of it.
func (b bodyReader) read(w http.ResponseWriter, r *http.Request) (body, error) {
	none := body{release: func() {}}
	if r.ContentLength > receive.MaxBody {
		// Not a byte is read; the connection cannot be used again.
		w.Header().Set("Connection", "close")
		return none, receive.ErrBodyTooLarge
	}
	reader := http.MaxBytesReader(w, r.Body, receive.MaxBody)
	length := min(max(r.ContentLength, 0), smallBody)
	buffer := bytes.NewBuffer(make([]byte, 0, length+bytes.MinRead))
	if _, err := buffer.ReadFrom(io.LimitReader(reader, smallBody)); err != nil {
		return none, bodyError(err)
	}
	if buffer.Len() < smallBody {
		return body{bytes: buffer.Bytes(), release: none.release}, nil
	}
	select {
	case b.large <- struct{}{}:
	default:
		w.Header().Set("Connection", "close")
		return none, receive.ErrOverloaded
	}
	release := func() { <-b.large }
	if _, err := buffer.ReadFrom(reader); err != nil {
		return body{release: release}, bodyError(err)
	}
	return body{bytes: buffer.Bytes(), release: release}, nil
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &tooLarge):
		return receive.ErrBodyTooLarge
	case errors.As(err, &network) && network.Timeout():
		return receive.ErrBodyTimeout
	}
	return io.ErrUnexpectedEOF
}
