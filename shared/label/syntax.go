package label

import (
	"fmt"
	"unicode/utf8"
)

// MaxLength is the longest text that is parsed, in bytes.
const MaxLength = 16 << 10

// excerptLength is how many characters before a fault its error shows, and how
// many of a word that should not be there.
const excerptLength = 24

// A SyntaxError is a fault in a text and where it stands.
type SyntaxError struct {
	// Input is the whole text.
	Input string
	// Offset is where in Input the fault is, in bytes from 0. It is len(Input)
	// when something is missing at the end.
	Offset int
	// Message says what is wrong there and, where it can, what would be right.
	Message string
}

// Error returns one line that names the character, counted from 1, and shows
// what stands before it.
func (e *SyntaxError) Error() string {
	before := e.Input[:min(max(e.Offset, 0), len(e.Input))]
	text := fmt.Sprintf("character %d: %s", utf8.RuneCountInString(before)+1, e.Message)
	if before == "" {
		return text
	}
	return fmt.Sprintf("%s (after %#q)", text, lastCharacters(before))
}

// lastCharacters returns the end of text, marked when it is not all of it.
func lastCharacters(text string) string {
	start := len(text)
	for range excerptLength {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	if start == 0 {
		return text
	}
	return "…" + text[start:]
}

// quoted returns word in quotes for a message, shortened when it is long.
func quoted(word string) string {
	n := 0
	for i := range word {
		if n == excerptLength {
			word = word[:i] + "…"
			break
		}
		n++
	}
	return fmt.Sprintf("%q", word)
}
