package label

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	kindEnd   kind = iota // the end of the text
	kindWord              // bare or quoted
	kindPunct             // , ( ) = == ! !=
)

// A token is a word or a punctuation mark.
type token struct {
	kind   kind
	text   string // a word's without quotes and escapes
	quoted bool
	offset int // of its first byte
}

// is says whether t is the punctuation mark.
func (t token) is(mark string) bool { return t.kind == kindPunct && t.text == mark }

// A scanner takes a text apart, one token at a time, in one pass.
type scanner struct {
	input string
	next  int // offset of what has not been read
	token token
	last  kind // kind of the token before
}

// newScanner returns a scanner that stands at text's first token.
func newScanner(text string) (*scanner, error) {
	s := &scanner{input: text}
	if len(text) > MaxLength {
		end := MaxLength
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		return nil, s.errorAt(end, "longer than %d bytes", MaxLength)
	}
	return s, s.advance()
}

// inWord says whether a bare word can hold r.
func inWord(r rune) bool {
	switch r {
	case '-', '_', '.', '/', ':', '@':
		return true
	case utf8.RuneError: // also what stands for bytes that are not UTF-8
		return false
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// advance reads the next token.
func (s *scanner) advance() error {
	s.last = s.token.kind
	s.next += len(s.input[s.next:]) - len(strings.TrimLeftFunc(s.input[s.next:], unicode.IsSpace))
	rest := s.input[s.next:]
	s.token = token{kind: kindEnd, offset: s.next}
	if rest == "" {
		return nil
	}
	switch rest[0] {
	case ',', '(', ')':
		s.take(kindPunct, 1)
		return nil
	case '=', '!':
		if len(rest) > 1 && rest[1] == '=' {
			s.take(kindPunct, 2)
		} else {
			s.take(kindPunct, 1)
		}
		return nil
	case '"':
		return s.scanQuoted()
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !inWord(r) })
	switch end {
	case 0:
		return s.unexpectedCharacter()
	case -1:
		end = len(rest)
	}
	s.take(kindWord, end)
	return nil
}

// take makes the next n bytes the token.
func (s *scanner) take(k kind, n int) {
	s.token = token{kind: k, text: s.input[s.next : s.next+n], offset: s.next}
	s.next += n
}

// scanQuoted reads a word in double quotes.
func (s *scanner) scanQuoted() error {
	start := s.next + 1
	var unescaped strings.Builder
	from := start // what has not been copied to unescaped
	for i := start; i < len(s.input); {
		r, size := utf8.DecodeRuneInString(s.input[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return s.errorAt(i, "not valid UTF-8")
		case r == '\\':
			unescaped.WriteString(s.input[from:i])
			from = i + 1
			if from < len(s.input) && s.input[from] != '"' && s.input[from] != '\\' {
				return s.errorAt(i, `a backslash stands only before " or another backslash: write \\`)
			}
			size = 2
		case r == '"':
			text := s.input[from:i]
			if from > start {
				unescaped.WriteString(text)
				text = unescaped.String()
			}
			s.token = token{kind: kindWord, text: text, quoted: true, offset: s.next}
			s.next = i + 1
			return nil
		}
		i += size
	}
	return s.errorAt(s.next, "this double quote is never closed")
}

// unexpectedCharacter is the error for a character that starts no token.
func (s *scanner) unexpectedCharacter() error {
	r, size := utf8.DecodeRuneInString(s.input[s.next:])
	switch {
	case r == utf8.RuneError && size == 1:
		return s.errorAt(s.next, "not valid UTF-8")
	case r == '\'', unicode.In(r, unicode.Pi, unicode.Pf):
		return s.errorAt(s.next, `unexpected %q: quote with straight double quotes (")`, string(r))
	}
	return s.errorAt(s.next, "unexpected %q: text with this character goes in double quotes", string(r))
}

// more goes on to the next part of a list. It says false at the end of the text
// and refuses anything but a comma; expected is what else could have stood here.
func (s *scanner) more(expected string) (bool, error) {
	switch {
	case s.token.kind == kindEnd:
		return false, nil
	case s.token.is(","):
		return true, s.advance()
	}
	return false, s.unexpected(expected + `","`)
}

// key reads a label's key.
func (s *scanner) key() (string, error) {
	return s.name("a label")
}

// name reads a word that may not be empty; what says what it is.
func (s *scanner) name(what string) (string, error) {
	t := s.token
	if t.kind != kindWord {
		return "", s.unexpected(what)
	}
	if t.text == "" {
		return "", s.errorAt(t.offset, "expected %s, found an empty name", what)
	}
	return t.text, s.advance()
}

// value reads a value, which may be missing, and so be empty, before a comma or
// the end.
func (s *scanner) value() (string, error) {
	t := s.token
	switch {
	case t.kind == kindWord:
		return t.text, s.advance()
	case t.kind == kindEnd, t.is(","):
		return "", nil
	}
	return "", s.unexpected("a value")
}

// unexpected is the error for a token that cannot stand where it does.
func (s *scanner) unexpected(expected string) error {
	switch {
	case s.token.kind == kindEnd:
		return s.errorAt(s.token.offset, "expected %s, found end of text", expected)
	case s.token.kind == kindWord && s.last == kindWord:
		return s.errorAt(s.token.offset, "expected %s, found %s; text with spaces goes in double quotes", expected, quoted(s.token.text))
	}
	return s.errorAt(s.token.offset, "expected %s, found %s", expected, quoted(s.token.text))
}

func (s *scanner) errorAt(offset int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Input: s.input, Offset: offset, Message: fmt.Sprintf(format, args...)}
}
