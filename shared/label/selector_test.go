package label_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/label"
)

func selector(t testing.TB, text string) *label.Selector {
	t.Helper()
	s, err := label.ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSelectorMatches(t *testing.T) {
	device := event.Labels{
		{Key: "name", Value: "Coffee machine"}, {Key: "floor", Value: "2"}, {Key: "customer"},
		{Key: "in", Value: "notin"}, {Key: "etasje", Value: "første"}, {Key: `a"b\`, Value: ` \" `},
		{Key: "url", Value: "https://x.io/a_b-c@d"},
	}
	tests := []struct {
		text string
		want bool
	}{
		{"", true},
		{" \t\r\n", true},
		// Is there, is not.
		{"floor", true}, {"Floor", false}, {"room", false}, {"customer", true},
		{"!room", true}, {"! room", true}, {"!floor", false}, {"!customer", false},
		// One value; the empty one and the missing label.
		{"floor=2", true}, {"floor==2", true}, {"floor = 2", true}, {"floor=1", false}, {"floor=02", false},
		{"customer=", true}, {`customer=""`, true}, {"floor=", false}, {"room=", false}, {`room=""`, false},
		{"floor!=2", false}, {"floor!=1", true}, {"floor != 1", true}, {"room!=1", true},
		{"customer!=", false}, {"room!=", true}, {"floor!=", true},
		// Several values.
		{"floor in (1,2)", true}, {"floor in(2)", true}, {"floor in ( 3 , 2 , 1 )", true}, {"floor in (1,3)", false},
		{"room in (1,2)", false}, {`customer in ("")`, true}, {`customer in (a,"")`, true}, {`room in ("")`, false},
		{"floor notin (1,3)", true}, {"floor notin (1,2)", false}, {"room notin (1,2)", true}, {`customer notin ("")`, false},
		// Quotes and other scripts.
		{`name="Coffee machine"`, true}, {`"name"="Coffee machine"`, true}, {`name="coffee machine"`, false},
		{`name in ("Tea, please",  "Coffee machine")`, true}, {"etasje=første", true}, {"etasje!=første", false},
		{`"a\"b\\"=" \\\" "`, true}, {`"a\"b\\"`, true}, {"url=https://x.io/a_b-c@d", true},
		// The names of operators.
		{`"in"=notin`, true}, {`"in" in (in,notin)`, true}, {`"in" notin (in)`, true}, {`!"in"`, false}, {`!"notin"`, true},
		{`"in"`, true}, {"floor=in", false},
		// All of them.
		{"floor in (1,2), customer, !test, name=\"Coffee machine\"", true},
		{"floor,room", false}, {"room,floor", false}, {"floor=2,floor!=2", false}, {"customer=,floor", true}, {"floor,floor", true},
		{"floor=2,\n  customer\n", true},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			if got := selector(t, test.text).Matches(device); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestSelectorWithoutLabels(t *testing.T) {
	for text, want := range map[string]bool{"": true, "a": false, "!a": true, "a=": false, "a!=": true, "a in (b)": false, "a notin (b)": true} {
		if got := selector(t, text).Matches(nil); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	labels := event.Labels{{Key: "a"}}
	var none *label.Selector
	if !none.Matches(labels) || none.String() != "" {
		t.Error("a nil selector must match all and be empty text")
	}
	if zero := (&label.Selector{}); !zero.Matches(labels) || zero.String() != "" {
		t.Error("a zero selector must match all and be empty text")
	}
}

func TestSelectorString(t *testing.T) {
	for text, want := range map[string]string{
		"  ":                              "",
		"a":                               "a",
		" ! a ":                           "!a",
		"a == b":                          "a=b",
		"a=":                              `a=""`,
		"a!=,b":                           `a!="", b`,
		"a in(b)":                         "a=b",
		"a notin (b,b)":                   "a!=b",
		"z, a in ( c,b,c , \"d\\\" e\" )": `z, a in (b,c,"d\" e")`,
		`"a" notin ("b",c)`:               "a notin (b,c)",
		`"in" in (in,x)`:                  `"in" in ("in",x)`,
		`"ø"="\\"`:                        `ø="\\"`,
		"a-_./:@9=ñ":                      "a-_./:@9=ñ",
	} {
		s := selector(t, text)
		if got := s.String(); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
		if got := selector(t, s.String()).String(); got != want {
			t.Errorf("%q: the second time got %s, want %s", text, got, want)
		}
	}
}

func TestSelectorErrors(t *testing.T) {
	const operators = `expected "=", "!=", "in", "notin" or ","`
	tests := []struct {
		text    string
		offset  int
		message string
	}{
		{",", 0, `expected a label, found ","`},
		{"a,", 2, "expected a label, found end of text"},
		{"a,,b", 2, `expected a label, found ","`},
		{"=b", 0, `expected a label, found "="`},
		{`""`, 0, "expected a label, found an empty name"},
		{`!""`, 1, "expected a label, found an empty name"},
		{"!", 1, "expected a label, found end of text"},
		{"!!a", 1, `expected a label, found "!"`},
		{"!a=b", 2, `expected ",", found "="`},
		{"!a b", 3, `expected ",", found "b"; text with spaces goes in double quotes`},
		{"a=b=c", 3, `expected ",", found "="`},
		{"a=(b)", 2, `expected a value, found "("`},
		{"a=!b", 2, `expected a value, found "!"`},
		{"a= =b", 3, `expected a value, found "="`},
		{"a!b", 1, operators + `, found "!"`},
		{"a (b)", 2, operators + `, found "("`},
		{"a)", 1, operators + `, found ")"`},
		{"name=Coffee machine", 12, `expected ",", found "machine"; text with spaces goes in double quotes`},
		{"a not in (b)", 2, operators + `, found "not"; text with spaces goes in double quotes`},
		{`a "in" (b)`, 2, operators + `, found "in"; text with spaces goes in double quotes`},
		{"a IN (b)", 2, `the operator "IN" is written in lower case`},
		{"a NotIn (b)", 2, `the operator "NotIn" is written in lower case`},
		{"in (a,b)", 0, `expected a label, found the operator "in"; a label of that name goes in double quotes`},
		{"!notin", 1, `expected a label, found the operator "notin"; a label of that name goes in double quotes`},
		{"a in", 4, `expected "(", found end of text`},
		{"a in b", 5, `expected "(", found "b"; text with spaces goes in double quotes`},
		{"a notin,", 7, `expected "(", found ","`},
		{"a in ()", 6, `expected a value (an empty one is ""), found ")"`},
		{"a in (b,)", 8, `expected a value (an empty one is ""), found ")"`},
		{"a in (,b)", 6, `expected a value (an empty one is ""), found ","`},
		{"a in (", 6, `expected a value (an empty one is ""), found end of text`},
		{"floor in (1", 11, `expected ")" or ",", found end of text`},
		{"a in (b c)", 8, `expected ")" or ",", found "c"; text with spaces goes in double quotes`},
		{"a in (b=c)", 7, `expected ")" or ",", found "="`},
		{"a in (b))", 8, `expected ",", found ")"`},
		{"a in (b) c", 9, `expected ",", found "c"`},
		{"a b" + strings.Repeat("ø", 99), 2, operators + `, found "b` + strings.Repeat("ø", 23) + `…"; text with spaces goes in double quotes`},
		// Faults in the middle of every form.
		{"!#", 1, `unexpected "#": text with this character goes in double quotes`},
		{"a#", 1, `unexpected "#": text with this character goes in double quotes`},
		{"!a#", 2, `unexpected "#": text with this character goes in double quotes`},
		{"a=#", 2, `unexpected "#": text with this character goes in double quotes`},
		{"a=b#", 3, `unexpected "#": text with this character goes in double quotes`},
		{"a in #", 5, `unexpected "#": text with this character goes in double quotes`},
		{"a in (#", 6, `unexpected "#": text with this character goes in double quotes`},
		{"a in (b#", 7, `unexpected "#": text with this character goes in double quotes`},
		{"a in (b)#", 8, `unexpected "#": text with this character goes in double quotes`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			s, err := label.ParseSelector(test.text)
			syntax := syntaxError(t, err, test.text)
			if syntax.Offset != test.offset || syntax.Message != test.message {
				t.Errorf("got offset %d, %s\nwant %d, %s", syntax.Offset, syntax.Message, test.offset, test.message)
			}
			if s != nil {
				t.Error("a selector beside an error")
			}
		})
	}
}

// What String returns is never too long to be parsed.
func TestSelectorLength(t *testing.T) {
	longest := strings.Repeat("a", label.MaxLength)
	if got := selector(t, longest).String(); got != longest {
		t.Errorf("got %d bytes, want the %d of the longest key", len(got), len(longest))
	}
	text := strings.Repeat("a=,", label.MaxLength/3)[:label.MaxLength/3*3-1]
	_, err := label.ParseSelector(text)
	syntax := syntaxError(t, err, text)
	if want := "longer than 16384 bytes when written in full"; syntax.Message != want {
		t.Errorf("got %s, want %s", syntax.Message, want)
	}
}

func TestSelectorMatchesAllocatesNothing(t *testing.T) {
	s := selector(t, `floor in (1,2,3), customer!=x, !test, name="Coffee machine", room notin (a,b), customer`)
	labels := event.Labels{{Key: "customer", Value: "y"}, {Key: "floor", Value: "2"}, {Key: "name", Value: "Coffee machine"}}
	if !s.Matches(labels) {
		t.Fatal("does not match")
	}
	if n := testing.AllocsPerRun(100, func() { s.Matches(labels) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkSelectorMatches(b *testing.B) {
	s := selector(b, `floor in (1,2,3), customer, !test, name="Coffee machine"`)
	labels := event.Labels{{Key: "name", Value: "Coffee machine"}, {Key: "floor", Value: "2"}, {Key: "customer", Value: "y"}}
	b.ReportAllocs()
	for b.Loop() {
		if !s.Matches(labels) {
			b.Fatal("does not match")
		}
	}
}

func BenchmarkParseSelector(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := label.ParseSelector(`floor in (1,2,3), customer, !test, name="Coffee machine"`); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleParseSelector() {
	s, err := label.ParseSelector(`floor in (2,1), customer, !test, name="Coffee machine"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println(s.Matches(event.Labels{
		{Key: "name", Value: "Coffee machine"}, {Key: "floor", Value: "1"}, {Key: "customer", Value: "Acme"},
	}))
	fmt.Println(s.Matches(event.Labels{{Key: "name", Value: "Coffee machine"}, {Key: "floor", Value: "3"}}))
	// Output:
	// floor in (1,2), customer, !test, name="Coffee machine"
	// true
	// false
}

func ExampleSyntaxError() {
	for _, text := range []string{"floor in (1", "name=Coffee machine", "customer,, floor=1"} {
		_, err := label.ParseSelector(text)
		fmt.Println(err)
	}
	// Output:
	// character 12: expected ")" or ",", found end of text (after `floor in (1`)
	// character 13: expected ",", found "machine"; text with spaces goes in double quotes (after `name=Coffee `)
	// character 10: expected a label, found "," (after `customer,`)
}
