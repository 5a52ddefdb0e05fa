package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/tools/keeper"
)

// mark is how every secret begins that the tests plant.
const mark = "planted-"

// A module is a part of a plan or a state.
type module struct {
	Resources    []resource          `json:"resources"`
	ChildModules []module            `json:"child_modules"`
	Outputs      map[string]variable `json:"outputs"`
	RootModule   *module             `json:"root_module"`
}

type resource struct {
	Address         string `json:"address"`
	Type            string `json:"type"`
	Values          any    `json:"values"`
	SensitiveValues any    `json:"sensitive_values"`
}

type variable struct {
	Value any `json:"value"`
}

// secrets returns how often a planted secret is where it may be, and an error for each
// that is elsewhere.
func (m *module) secrets() (found int, err error) {
	var errs []error
	for name, output := range m.Outputs {
		each(output.Value, nil, nil, func(path []string, _ bool) {
			errs = append(errs, fmt.Errorf("output %s%s has a secret", name, dotted(path)))
		})
	}
	for _, r := range m.Resources {
		n, err := r.secrets()
		found += n
		errs = append(errs, err)
	}
	children := m.ChildModules
	if m.RootModule != nil {
		children = append(slices.Clone(children), *m.RootModule)
	}
	for _, child := range children {
		n, err := child.secrets()
		found += n
		errs = append(errs, err)
	}
	return found, errors.Join(errs...)
}

func (r resource) secrets() (found int, err error) {
	var errs []error
	each(r.Values, r.SensitiveValues, nil, func(path []string, sensitive bool) {
		at := r.Type + dotted(path)
		switch {
		case !keeper.Is(at):
			errs = append(errs, fmt.Errorf("%s%s has a secret", r.Address, dotted(path)))
		case !sensitive:
			errs = append(errs, fmt.Errorf("%s%s has a secret and is not marked sensitive", r.Address, dotted(path)))
		default:
			found++
		}
	})
	return found, errors.Join(errs...)
}

func dotted(path []string) string {
	var b strings.Builder
	for _, p := range path {
		b.WriteString("." + p)
	}
	return b.String()
}

// each calls f for every text in value that has the mark. sensitive has the shape of
// value, with true where a part is sensitive.
func each(value, sensitive any, path []string, f func(path []string, sensitive bool)) {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, mark) {
			f(path, sensitive == true)
		}
	case map[string]any:
		for name, part := range v {
			if strings.Contains(name, mark) {
				f(append(slices.Clone(path), "(name)"), false)
			}
			each(part, below(sensitive, name), append(slices.Clone(path), name), f)
		}
	case []any:
		for i, part := range v {
			// Positions are no part of an attribute's name.
			var s any = sensitive == true
			if list, ok := sensitive.([]any); ok && i < len(list) {
				s = list[i]
			}
			each(part, s, path, f)
		}
	}
}

func below(sensitive any, name string) any {
	if parts, ok := sensitive.(map[string]any); ok {
		return parts[name]
	}
	return sensitive
}
