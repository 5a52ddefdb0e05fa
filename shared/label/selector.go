package label

import (
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/event"
)

type operator int

const (
	exists operator = iota
	absent
	in
	notIn
)

// A requirement is one condition on one label.
type requirement struct {
	key      string
	operator operator
	values   []string // for in and notIn: sorted, no value twice
}

// A Selector says which devices are wanted, by their labels. The zero Selector
// and a nil one match all.
type Selector struct {
	requirements []requirement
	text         string // the canonical form
}

// Matches says whether labels meet every requirement. It allocates nothing.
func (s *Selector) Matches(labels event.Labels) bool {
	if s == nil {
		return true
	}
	for i := range s.requirements {
		if !s.requirements[i].met(labels) {
			return false
		}
	}
	return true
}

// met follows Kubernetes in what a missing label means: it is not equal to any
// value, so "!=" and "notin" are met.
func (r *requirement) met(labels event.Labels) bool {
	value, ok := labels.Get(r.key)
	switch r.operator {
	case exists:
		return ok
	case absent:
		return !ok
	case in:
		return ok && r.has(value)
	default:
		return !ok || !r.has(value)
	}
}

func (r *requirement) has(value string) bool {
	_, found := slices.BinarySearch(r.values, value)
	return found
}

// String returns the selector in its canonical form, from which ParseSelector
// makes an equal selector: requirements in the order written, one value with =
// or !=, several sorted, and quotes only where they are needed. It is "" for a
// selector that matches all.
func (s *Selector) String() string {
	if s == nil {
		return ""
	}
	return s.text
}

func canonical(requirements []requirement) string {
	var b strings.Builder
	for i := range requirements {
		if i > 0 {
			b.WriteString(", ")
		}
		requirements[i].write(&b)
	}
	return b.String()
}

func (r *requirement) write(b *strings.Builder) {
	if r.operator == absent {
		b.WriteByte('!')
	}
	b.WriteString(literal(r.key))
	switch {
	case len(r.values) == 0:
		return
	case len(r.values) == 1 && r.operator == in:
		b.WriteByte('=')
		b.WriteString(literal(r.values[0]))
		return
	case len(r.values) == 1:
		b.WriteString("!=")
		b.WriteString(literal(r.values[0]))
		return
	case r.operator == in:
		b.WriteString(" in (")
	default:
		b.WriteString(" notin (")
	}
	for i, value := range r.values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(literal(value))
	}
	b.WriteByte(')')
}

// escape writes what a word in double quotes cannot hold as it is.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// literal returns word as it is written in a text: bare where it can be.
func literal(word string) string {
	if bare(word) && !isOperator(word) {
		return word
	}
	return `"` + escape.Replace(word) + `"`
}

func bare(word string) bool {
	for _, r := range word {
		if !inWord(r) {
			return false
		}
	}
	return word != ""
}
