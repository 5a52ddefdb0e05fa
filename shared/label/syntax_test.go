package label_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/label"
)

// syntaxError returns err as what every parser here returns, with an offset that
// is in the text and at the start of a character.
func syntaxError(t testing.TB, err error, text string) *label.SyntaxError {
	t.Helper()
	var syntax *label.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%q: got error %v, want a *SyntaxError", text, err)
	}
	if syntax.Input != text {
		t.Errorf("error has input %q, want %q", syntax.Input, text)
	}
	if syntax.Offset < 0 || syntax.Offset > len(text) {
		t.Fatalf("%q: offset %d is not in the text", text, syntax.Offset)
	}
	if syntax.Offset < len(text) && utf8.ValidString(text) && !utf8.RuneStart(text[syntax.Offset]) {
		t.Errorf("%q: offset %d is inside a character", text, syntax.Offset)
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%q: error is more than one line: %q", text, err)
	}
	return syntax
}

func TestSyntaxErrorText(t *testing.T) {
	tests := []struct {
		name string
		err  label.SyntaxError
		want string
	}{
		{"at the start", label.SyntaxError{Input: ")", Message: "wrong"}, "character 1: wrong"},
		{"counts characters, not bytes", label.SyntaxError{Input: "øæå)", Offset: 6, Message: "wrong"}, "character 4: wrong (after `øæå`)"},
		{"at the end", label.SyntaxError{Input: "floor in (1", Offset: 11, Message: "wrong"}, "character 12: wrong (after `floor in (1`)"},
		{"one line", label.SyntaxError{Input: "a\nb", Offset: 2, Message: "wrong"}, `character 3: wrong (after "a\n")`},
		{"long", label.SyntaxError{Input: strings.Repeat("ø", 30), Offset: 60, Message: "wrong"}, "character 31: wrong (after `…" + strings.Repeat("ø", 24) + "`)"},
		{"offset behind the end", label.SyntaxError{Input: "ab", Offset: 9, Message: "wrong"}, "character 3: wrong (after `ab`)"},
		{"offset before the start", label.SyntaxError{Input: "ab", Offset: -1, Message: "wrong"}, "character 1: wrong"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.err.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// The faults in words that every text can have.
func TestWordErrors(t *testing.T) {
	long := strings.Repeat("a", label.MaxLength-1)
	tests := []struct {
		name, text string
		offset     int
		message    string
	}{
		{"open quote", `a,"b`, 2, "this double quote is never closed"},
		{"open quote after a backslash", `"b\`, 0, "this double quote is never closed"},
		{"open quote after an escaped one", `"b\"`, 0, "this double quote is never closed"},
		{"unknown escape", `"a\n"`, 2, `a backslash stands only before " or another backslash: write \\`},
		{"second escape unknown", `"\\\x"`, 3, `a backslash stands only before " or another backslash: write \\`},
		{"not UTF-8", "a,\xff", 2, "not valid UTF-8"},
		{"not UTF-8 in a word", "a\xc3", 1, "not valid UTF-8"},
		{"not UTF-8 in quotes", "\"a\xff\"", 2, "not valid UTF-8"},
		{"not UTF-8 in quotes after an escape", "\"\\\"\xff\"", 3, "not valid UTF-8"},
		{"single quote", `'a b'`, 0, `unexpected "'": quote with straight double quotes (")`},
		{"typographic quote", `“a b”`, 0, `unexpected "“": quote with straight double quotes (")`},
		{"closing typographic quote", `a”`, 1, `unexpected "”": quote with straight double quotes (")`},
		{"other character", `a,b#c`, 3, `unexpected "#": text with this character goes in double quotes`},
		{"backslash", `a\b`, 1, `unexpected "\\": text with this character goes in double quotes`},
		{"zero-width space", "a,\u200bb", 2, `unexpected "\u200b": text with this character goes in double quotes`},
		{"replacement character", "\ufffd", 0, `unexpected "` + "\ufffd" + `": text with this character goes in double quotes`},
		{"too long", long + "bc", label.MaxLength, "longer than 16384 bytes"},
		{"too long, cut in a character", long + "øb", label.MaxLength - 1, "longer than 16384 bytes"},
		{"too long and not UTF-8", strings.Repeat("\x80", label.MaxLength+1), 0, "longer than 16384 bytes"},
	}
	parsers := map[string]func(string) error{
		"selector": func(text string) error { _, err := label.ParseSelector(text); return err },
		"select":   func(text string) error { _, err := label.ParseSelect(text); return err },
	}
	for _, test := range tests {
		for name, parse := range parsers {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				syntax := syntaxError(t, parse(test.text), test.text)
				if syntax.Offset != test.offset || syntax.Message != test.message {
					t.Errorf("got offset %d, %s\nwant %d, %s", syntax.Offset, syntax.Message, test.offset, test.message)
				}
			})
		}
	}
}
