package label

// The labels that DT Studio shows as a device's display name and description.
// Integrations read them as such, so no other label takes their names.
const (
	keyName        = "name"
	keyDescription = "description"
)

// A Select is a compiled list of the labels that go on, with their new names.
// The zero Select lets all go on, unchanged.
type Select struct {
	fields []field
}

// A field is a label that goes on.
type field struct {
	key, name string
}

// ParseSelect compiles text (DT_LABELS): the labels that go on, separated by
// commas, each as
//
//	key            under its own name
//	key=new-name   under a new one
//
// Empty text lets all go on, unchanged. No label is listed twice, and no new name
// is that of another one in the list. The names "name" and "description" keep DT
// Studio's meaning: no other label is renamed to them.
//
// The error is a *[SyntaxError].
func ParseSelect(text string) (Select, error) {
	s, err := newScanner(text)
	if err != nil {
		return Select{}, err
	}
	var sel Select
	taken := names{}
	for more := s.token.kind != kindEnd; more; {
		f, expected, err := parseField(s, taken)
		if err != nil {
			return Select{}, err
		}
		sel.fields = append(sel.fields, f)
		if more, err = s.more(expected); err != nil {
			return Select{}, err
		}
	}
	return sel, nil
}

// names has every key and every new name so far, with the key it belongs to.
type names map[string]string

// parseField also returns what could have followed, beside a comma.
func parseField(s *scanner, taken names) (f field, expected string, err error) {
	offset := s.token.offset
	if f.key, err = s.key(); err != nil {
		return f, "", err
	}
	f.name = f.key
	switch owner, ok := taken[f.key]; {
	case ok && owner == f.key:
		return f, "", s.errorAt(offset, "label %s is listed twice", quoted(f.key))
	case ok:
		return f, "", s.errorAt(offset, "label %s cannot go on: its name is taken by label %s, renamed to it", quoted(f.key), quoted(owner))
	}
	taken[f.key] = f.key
	if !s.token.is("=") {
		return f, `"=" or `, nil
	}
	if err := s.advance(); err != nil {
		return f, "", err
	}
	offset = s.token.offset
	if f.name, err = s.name("a new name"); err != nil || f.name == f.key {
		return f, "", err
	}
	owner, ok := taken[f.name]
	switch {
	case f.name == keyName:
		return f, "", s.errorAt(offset, `no other label can be renamed to "name", the device's display name in DT Studio`)
	case f.name == keyDescription:
		return f, "", s.errorAt(offset, `no other label can be renamed to "description", the device's description in DT Studio`)
	case ok && owner == f.name:
		return f, "", s.errorAt(offset, "label %s cannot be renamed to %s, a label in this list", quoted(f.key), quoted(f.name))
	case ok:
		return f, "", s.errorAt(offset, "labels %s and %s cannot both be renamed to %s", quoted(owner), quoted(f.key), quoted(f.name))
	}
	taken[f.name] = f.key
	return f, "", nil
}
