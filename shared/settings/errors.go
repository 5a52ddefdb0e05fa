package settings

import (
	"strconv"
	"strings"
	"unicode"
)

// An Error holds everything that is wrong with the settings. It is to be found
// with [errors.As]; its text can be shown as it is, since it holds no secret and
// no password of a URL.
type Error struct {
	// Problems are in the order of Table. There is at least one.
	Problems []Problem
}

// A Problem is one thing that is wrong with one setting.
type Problem struct {
	Variable string // its name
	Fault    string // what is wrong with its value
	Accepted string // the form a value must have
}

// Error returns one line a problem.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// String returns the problem on one line.
func (p Problem) String() string { return p.Variable + ": " + p.Fault + "; accepted: " + p.Accepted }

// maxShown is how many characters of a value an error shows.
const maxShown = 80

// quote returns value in quotes, as far as it is shown.
func quote(value string) string { return strconv.Quote(shorten(value)) }

// shorten returns value, or its beginning and a mark.
func shorten(value string) string {
	n := 0
	for i := range value {
		if n == maxShown {
			return value[:i] + "…"
		}
		n++
	}
	return value
}

// oneLine returns text without what would break a line or a terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}
