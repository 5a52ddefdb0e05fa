package settings

import (
	"fmt"
	"log/slog"
)

// redacted is what a secret looks like wherever it is printed.
const redacted = "[redacted]"

// A Secret holds a secret text and cannot be printed: whatever formats, logs or
// encodes it, or a value that holds it, gets "[redacted]". Reveal is the only
// way to the text, so that every use of it can be found.
//
// The zero value is no secret. Secrets cannot be compared with ==.
type Secret struct {
	// The text is behind a function because fmt does not call the methods of
	// unexported fields, and prints what it can reach instead. Through a function
	// nothing can be reached, by reflection neither.
	reveal func() string
}

// NewSecret returns a Secret that holds text; the zero Secret for "".
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return text }}
}

// Reveal returns the text; "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Format implements [fmt.Formatter]: "[redacted]" for every verb.
func (Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (Secret) GoString() string { return redacted }

// MarshalText returns "[redacted]". It serves the encoders of text, of XML and
// of map keys too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
