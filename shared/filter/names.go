package filter

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// What a name in a Config is a name of.
const (
	KindEventType  = "event type"
	KindDeviceType = "device type"
	KindProject    = "project"
)

// A NameError is a name that cannot be meant as it is written.
type NameError struct {
	Kind       string // KindEventType, KindDeviceType or KindProject
	Name       string // as it was given; may be empty
	Suggestion string // the name that was probably meant, or ""
}

// Error says what is wrong with the name and what to write.
func (e *NameError) Error() string {
	switch {
	case e.Suggestion != "":
		return fmt.Sprintf("unknown %s %q: did you mean %q?", e.Kind, e.Name, e.Suggestion)
	case strings.TrimSpace(e.Name) == "":
		return fmt.Sprintf("empty %s: write a name, or leave the whole list empty for all", e.Kind)
	case e.Kind == KindProject:
		return fmt.Sprintf("%s %q: write its id, or projects/ and its id", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %q has a space in it: separate names with commas", e.Kind, e.Name)
}

// types compiles a list of event types or device types and notes those that are
// not among known.
func (f *Filter) types(kind string, names, known []string, faults *[]error) set {
	wanted := make(set, len(names))
	for _, given := range names {
		name := strings.TrimSpace(given)
		switch suggestion := suggest(name, known); {
		case slices.Contains(known, name):
		case name == "", suggestion != "", strings.ContainsFunc(name, unicode.IsSpace):
			*faults = append(*faults, &NameError{Kind: kind, Name: given, Suggestion: suggestion})
		case !slices.Contains(f.unknown, name):
			f.unknown = append(f.unknown, name)
		}
		wanted[name] = struct{}{}
	}
	return wanted
}

// projects compiles a list of projects to their ids. Ids have no fixed length or
// alphabet; a slash ends one.
func projects(names []string, faults *[]error) set {
	wanted := make(set, len(names))
	for _, given := range names {
		id := strings.TrimPrefix(strings.TrimSpace(given), "projects/")
		if id == "" || strings.Contains(id, "/") || strings.ContainsFunc(id, unicode.IsSpace) {
			*faults = append(*faults, &NameError{Kind: KindProject, Name: given})
		}
		wanted[id] = struct{}{}
	}
	return wanted
}
