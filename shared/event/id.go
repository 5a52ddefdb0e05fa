package event

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// NewID returns an id in the form of DT's own event and token ids: 20 characters
// of base32hex that sort by time, made of the second of t and 8 random bytes
// (the form is that of github.com/rs/xid). The error is that of random.
func NewID(t time.Time, random io.Reader) (string, error) {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:4], uint32(t.Unix()))
	if _, err := io.ReadFull(random, b[4:]); err != nil {
		return "", err
	}
	id := base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
	return strings.ToLower(id), nil
}
