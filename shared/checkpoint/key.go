package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrKey means that a key cannot be used.
	ErrKey = errors.New("a checkpoint's key is UTF-8 text of 1 to 512 bytes without zero bytes")
	// ErrTooLarge means that a document is longer than MaxSize.
	ErrTooLarge = fmt.Errorf("a checkpoint has at most %d bytes", MaxSize)
)

const maxKey = 512

// CheckKey returns an error that wraps ErrKey unless key can be one. Drivers call
// it, so that what one of them takes all of them take: PostgreSQL's text, for one,
// has no zero bytes.
func CheckKey(key string) error {
	switch {
	case key == "" || len(key) > maxKey:
		return fmt.Errorf("%w: this one has %d bytes", ErrKey, len(key))
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: %q is not UTF-8", ErrKey, key)
	case strings.ContainsRune(key, 0):
		return fmt.Errorf("%w: %q has one", ErrKey, key)
	}
	return nil
}

// CheckSave returns an error that wraps ErrKey or ErrTooLarge unless data can be
// saved under key. Drivers call it.
func CheckSave(key string, data []byte) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(data) > MaxSize {
		return fmt.Errorf("%w: this one has %d", ErrTooLarge, len(data))
	}
	return nil
}

// MaxEscaped is the most bytes that EscapeKey returns. File systems take names of
// 255 bytes; the difference is for what a driver puts around it.
const MaxEscaped = 200

// EscapeKey returns a name for key that file systems and object stores take: of
// lower-case letters, digits, "-", "_", "." and "~", of at most MaxEscaped bytes.
// Different keys have different names, also where upper and lower case are not told
// apart.
//
// Lower-case letters, digits, "-" and "_" stay as they are; any other byte becomes
// "." and two hexadecimal digits. A name that would be longer is cut, and ends in
// "~" and the SHA-256 of the key.
//
// A driver whose names can be files on Windows puts something before it: "con" and
// "nul" are devices there.
func EscapeKey(key string) string {
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, ".%02x", c)
	}
	if b.Len() <= MaxEscaped {
		return b.String()
	}
	sum := sha256.Sum256([]byte(key))
	tail := "~" + hex.EncodeToString(sum[:])
	return b.String()[:MaxEscaped-len(tail)] + tail
}
