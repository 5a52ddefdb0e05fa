package checkpoint

import (
	"errors"
	"fmt"
	"strings"
)

// ErrKey means that a key cannot be used.
var ErrKey = errors.New("a checkpoint's key has 1 to 512 bytes")

// ErrTooLarge means that a document is longer than MaxSize.
var ErrTooLarge = fmt.Errorf("a checkpoint has at most %d bytes", MaxSize)

const maxKey = 512

// CheckKey returns ErrKey unless key can be one. Drivers call it.
func CheckKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("%w: this one has %d", ErrKey, len(key))
	}
	return nil
}

// CheckSave returns ErrKey or ErrTooLarge unless data can be saved under key. Drivers
// call it.
func CheckSave(key string, data []byte) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(data) > MaxSize {
		return fmt.Errorf("%w: this one has %d", ErrTooLarge, len(data))
	}
	return nil
}

// EscapeKey returns a name for key that any file system and any object store takes:
// of lower-case letters, digits, "-" and "_" alone. Different keys have different
// names, also where upper and lower case are not told apart. All else becomes "."
// and two hexadecimal digits a byte. A name has up to three times as many bytes as
// its key.
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
	return b.String()
}
