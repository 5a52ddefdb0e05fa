package settings

import (
	"cmp"
	"slices"
	"strings"
)

// A loader reads settings and gathers all that is wrong with them. A method that
// finds a fault returns a zero value and goes on; end tells whether there was one.
type loader struct {
	env      Environment
	table    []Variable
	problems []Problem
	warnings []string
}

func newLoader(env Environment) *loader { return &loader{env: env, table: Table()} }

// end returns what was wrong, in the order of the table.
func (l *loader) end() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Compare(l.position(a.Variable), l.position(b.Variable))
	})
	return &Error{Problems: slices.Compact(l.problems)}
}

func (l *loader) position(name string) int {
	return slices.IndexFunc(l.table, func(v Variable) bool { return v.Name == name })
}

// fault notes that the variable called name is wrong.
func (l *loader) fault(name, fault string) {
	l.problems = append(l.problems, Problem{Variable: name, Fault: oneLine(fault), Accepted: l.table[l.position(name)].Accepted})
}

// warn notes something about the variable called name that may be a mistake.
// What text has from outside is in quotes.
func (l *loader) warn(name, text string) {
	l.warnings = append(l.warnings, name+": "+text)
}

// text returns a value without the white space around it. It is not for secrets,
// where white space is a fault.
func (l *loader) text(name string) string { return strings.TrimSpace(l.env[name]) }

// list returns the parts of a comma-separated value, without the white space
// around them. They may be empty, unless the whole value is.
func (l *loader) list(name string) []string {
	text := l.text(name)
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// boolean returns a value that must be clear: what is meant to restrict must not
// be left off by a word that was not understood.
func (l *loader) boolean(name string) bool {
	text := l.text(name)
	switch strings.ToLower(text) {
	case "", "false", "0":
		return false
	case "true", "1":
		return true
	}
	l.fault(name, quote(text)+" is neither true nor false")
	return false
}
