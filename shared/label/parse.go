package label

import (
	"slices"
	"strings"
)

// The operators that are words. As the key of a label each needs quotes.
const (
	operatorIn    = "in"
	operatorNotIn = "notin"
)

func isOperator(word string) bool { return word == operatorIn || word == operatorNotIn }

// ParseSelector compiles text: requirements, separated by commas, all of which
// must be met. Empty text matches all. A requirement is one of
//
//	key                 the label is there
//	!key                it is not
//	key=value           it is there with this value; == means the same
//	key!=value          it has another value, or is not there
//	key in (a,b)        it is there with one of these values
//	key notin (a,b)     it has another value, or is not there
//
// where keys and values are words, as the package comment has them. These are
// the selectors of Kubernetes, with quotes for what its labels cannot hold. "key=" is for an empty value; in a list, write "". A label that is
// called in or notin goes in quotes.
//
// The error is a *[SyntaxError].
func ParseSelector(text string) (*Selector, error) {
	s, err := newScanner(text)
	if err != nil {
		return nil, err
	}
	selector := &Selector{}
	for more := s.token.kind != kindEnd; more; {
		r, expected, err := parseRequirement(s)
		if err != nil {
			return nil, err
		}
		selector.requirements = append(selector.requirements, r)
		if more, err = s.more(expected); err != nil {
			return nil, err
		}
	}
	selector.text = canonical(selector.requirements)
	if len(selector.text) > MaxLength {
		// The canonical form has a few bytes more than the shortest one. What
		// String returns must be accepted here again.
		return nil, s.errorAt(len(text), "longer than %d bytes when written in full", MaxLength)
	}
	return selector, nil
}

// parseRequirement also returns what could have followed, beside a comma, for
// the error about what does.
func parseRequirement(s *scanner) (r requirement, expected string, err error) {
	if s.token.is("!") {
		if err := s.advance(); err != nil {
			return r, "", err
		}
		r.operator = absent
	}
	if t := s.token; t.kind == kindWord && !t.quoted && isOperator(t.text) {
		return r, "", s.errorAt(t.offset, "expected a label, found the operator %s; a label of that name goes in double quotes", quoted(t.text))
	}
	if r.key, err = s.key(); err != nil || r.operator == absent {
		return r, "", err
	}
	switch t := s.token; {
	case t.is("="), t.is("=="):
		r.operator = in
	case t.is("!="):
		r.operator = notIn
	case !t.quoted && t.text == operatorIn:
		r.operator = in
		r.values, err = parseList(s)
		return r, "", err
	case !t.quoted && t.text == operatorNotIn:
		r.operator = notIn
		r.values, err = parseList(s)
		return r, "", err
	case !t.quoted && isOperator(strings.ToLower(t.text)):
		return r, "", s.errorAt(t.offset, "the operator %s is written in lower case", quoted(t.text))
	default:
		r.operator = exists
		return r, `"=", "!=", "in", "notin" or `, nil
	}
	if err := s.advance(); err != nil {
		return r, "", err
	}
	value, err := s.value()
	r.values = []string{value}
	return r, "", err
}

// parseList reads the values after in and notin, at which s stands.
func parseList(s *scanner) ([]string, error) {
	if err := s.advance(); err != nil {
		return nil, err
	}
	if !s.token.is("(") {
		return nil, s.unexpected(`"("`)
	}
	var values []string
	for {
		if err := s.advance(); err != nil {
			return nil, err
		}
		if s.token.kind != kindWord {
			return nil, s.unexpected(`a value (an empty one is "")`)
		}
		values = append(values, s.token.text)
		if err := s.advance(); err != nil {
			return nil, err
		}
		if s.token.is(")") {
			slices.Sort(values)
			return slices.Compact(values), s.advance()
		}
		if !s.token.is(",") {
			return nil, s.unexpected(`")" or ","`)
		}
	}
}
