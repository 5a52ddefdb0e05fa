package label_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/label"
)

// inQuotes writes word as any text can have it.
func inQuotes(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}

// FuzzSelector: any text is a selector or an error with a place; a selector's
// canonical form is the same selector; and any key and value can be asked for.
func FuzzSelector(f *testing.F) {
	for _, text := range []string{
		"", "a", "!a", "a=b", "a==b,c!=d", `a in (b,"c d"), e notin (f,"")`, `"in"="\"\\"`, "a=,b", "a in (b", `"`, "ø=æ", "\xff",
		"floor in (1,2), customer, !test, name=\"Coffee machine\"",
	} {
		f.Add(text, "floor", "2")
		f.Add(text, "in", `a "b" \`)
	}
	f.Fuzz(func(t *testing.T, text, key, value string) {
		device := event.Labels{{Key: key, Value: value}}
		s, err := label.ParseSelector(text)
		if err != nil {
			syntaxError(t, err, text)
		} else {
			again, err := label.ParseSelector(s.String())
			if err != nil {
				t.Fatalf("%q gives %q, which is refused: %v", text, s, err)
			}
			if again.String() != s.String() {
				t.Fatalf("%q gives %q, which gives %q", text, s, again)
			}
			for _, labels := range []event.Labels{nil, device} {
				if s.Matches(labels) != again.Matches(labels) {
					t.Fatalf("%q and %q differ on %q", text, s, labels)
				}
			}
		}
		if key == "" || !utf8.ValidString(key) || !utf8.ValidString(value) || len(key)+len(value) > label.MaxLength/8 {
			return
		}
		other := event.Labels{{Key: key, Value: value + "x"}}
		k, v := inQuotes(key), inQuotes(value)
		for _, test := range []struct {
			text                      string
			onDevice, onOther, onNone bool
		}{
			{k, true, true, false},
			{"!" + k, false, false, true},
			{k + "=" + v, true, false, false},
			{k + "!=" + v, false, true, true},
			{k + ` in ("\\",` + v + ")", true, value+"x" == `\`, false},
			{k + " notin (" + v + "," + v + ")", false, true, true},
		} {
			s := selector(t, test.text)
			if s.Matches(device) != test.onDevice || s.Matches(other) != test.onOther || s.Matches(nil) != test.onNone {
				t.Fatalf("%s is wrong on %q, %q or no labels", test.text, device, other)
			}
		}
	})
}

// FuzzRules: any two texts are rules or errors with a place; and rules made of
// any keys and values do to any labels what a plain model does.
func FuzzRules(f *testing.F) {
	for _, texts := range [][2]string{
		{"", ""}, {"a,b=c", "a=1"}, {"a", "b=1"}, {"a=name", "a"}, {`"x y"="z\"",in`, `in="",`}, {"", "a=1,b=2"}, {"a=b,b=a", "\xff"}, {`a,"`, `a="\x"`},
		{"a=x\nb=b\nx y=z", "a=3\nx y=1"}, {"b=b\na=a", ""}, {"", "z=1\na=2"}, {"a", "\"b\n\"=1"},
	} {
		f.Add(texts[0], texts[1], "a=0\nb=1\nx y=2")
		f.Add(texts[0], texts[1], "")
	}
	f.Fuzz(func(t *testing.T, labels, defaults, device string) {
		in := pairs(device)
		checkRules(t, labels, defaults, in)
		fields, values := pairs(labels), pairs(defaults)
		if r := checkRules(t, written(fields), written(values), in); r != nil {
			if got, want := r.Apply(in), model(fields, values, in); !slices.Equal(got, want) {
				t.Fatalf("select %q, default %q: got %q, want %q", fields, values, got, want)
			}
		}
	})
}

// checkRules compiles the two texts and returns nil when they are refused, with
// an error that has a place.
func checkRules(t *testing.T, labels, defaults string, in event.Labels) *label.Rules {
	sel, err := label.ParseSelect(labels)
	if err != nil {
		syntaxError(t, err, labels)
		return nil
	}
	values, err := label.ParseDefaults(defaults)
	if err != nil {
		syntaxError(t, err, defaults)
		return nil
	}
	r, err := label.NewRules(sel, values)
	if err != nil {
		syntaxError(t, err, defaults)
		return nil
	}
	before := slices.Clone(in)
	out := r.Apply(in)
	if !slices.Equal(in, before) {
		t.Fatalf("input changed from %q to %q", before, in)
	}
	if r.Identity() && !slices.Equal(out, in) {
		t.Fatalf("the identity made %q of %q", out, in)
	}
	seen := map[string]bool{}
	for _, l := range out {
		if seen[l.Key] {
			t.Fatalf("label %q twice in %q", l.Key, out)
		}
		seen[l.Key] = true
	}
	return r
}

// model is what rules do, said plainly; fields are keys and new names.
func model(fields, defaults, in event.Labels) event.Labels {
	all := slices.Clone(in)
	for _, d := range defaults {
		if _, ok := in.Get(d.Key); !ok {
			all = append(all, d)
		}
	}
	if len(fields) == 0 {
		return all
	}
	var out event.Labels
	for _, f := range fields {
		if value, ok := all.Get(f.Key); ok {
			out = append(out, event.Label{Key: f.Value, Value: value})
		}
	}
	return out
}

// written is the text for pairs.
func written(pairs event.Labels) string {
	var parts []string
	for _, p := range pairs {
		parts = append(parts, inQuotes(p.Key)+"="+inQuotes(p.Value))
	}
	return strings.Join(parts, ",")
}

// pairs makes pairs of lines key=value; a key that comes again is left out.
func pairs(text string) event.Labels {
	var pairs event.Labels
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if _, ok := pairs.Get(key); !ok {
			pairs = append(pairs, event.Label{Key: key, Value: value})
		}
	}
	return pairs
}
