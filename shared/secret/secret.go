// Package secret keeps secret texts from being printed.
package secret

import (
	"fmt"
	"log/slog"
)

// Redacted is what a secret looks like wherever it is printed.
const Redacted = "[redacted]"

// A Text holds a secret text and cannot be printed: whatever formats, logs or
// encodes it, or a value that holds it, gets "[redacted]". Reveal is the only
// way to the text, so that every use of it can be found.
//
// The zero value is no secret. Secrets cannot be compared with ==.
type Text struct {
	// The text is behind a function because fmt does not call the methods of
	// unexported fields, and prints what it can reach instead. Through a function
	// nothing can be reached, by reflection neither.
	reveal func() string
}

// New returns a Text that holds text; the zero Text for "".
func New(text string) Text {
	if text == "" {
		return Text{}
	}
	return Text{reveal: func() string { return text }}
}

// Reveal returns the text; "" for the zero Text.
func (s Text) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no secret.
func (s Text) IsZero() bool { return s.reveal == nil }

// Format implements [fmt.Formatter]: "[redacted]" for every verb.
func (Text) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(Redacted)) }

// String returns "[redacted]".
func (Text) String() string { return Redacted }

// GoString returns "[redacted]".
func (Text) GoString() string { return Redacted }

// MarshalText returns "[redacted]". It serves the encoders of text, of XML and
// of map keys too.
func (Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// LogValue returns "[redacted]".
func (Text) LogValue() slog.Value { return slog.StringValue(Redacted) }
