package label

// Defaults are the compiled values for devices that lack a label. The zero
// Defaults are none.
type Defaults struct {
	text   string // for errors found later
	values []defaultValue
}

type defaultValue struct {
	key, value string
	offset     int // of the key in the text
}

// ParseDefaults compiles text (DT_LABEL_DEFAULTS): key=value, separated by
// commas, no key twice. A value may be empty. A device that has the label keeps
// its value, even an empty one. Keys are the original ones, before a rename.
//
// The error is a *[SyntaxError].
func ParseDefaults(text string) (Defaults, error) {
	s, err := newScanner(text)
	if err != nil {
		return Defaults{}, err
	}
	d := Defaults{text: text}
	seen := map[string]bool{}
	for more := s.token.kind != kindEnd; more; {
		v, err := parseDefault(s)
		if err != nil {
			return Defaults{}, err
		}
		if seen[v.key] {
			return Defaults{}, s.errorAt(v.offset, "label %s has two defaults", quoted(v.key))
		}
		seen[v.key] = true
		d.values = append(d.values, v)
		if more, err = s.more(""); err != nil {
			return Defaults{}, err
		}
	}
	return d, nil
}

func parseDefault(s *scanner) (v defaultValue, err error) {
	v.offset = s.token.offset
	if v.key, err = s.key(); err != nil {
		return v, err
	}
	if !s.token.is("=") {
		return v, s.unexpected(`"=" and a value`)
	}
	if err := s.advance(); err != nil {
		return v, err
	}
	v.value, err = s.value()
	return v, err
}
