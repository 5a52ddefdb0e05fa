package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/label"
)

// A wish is what a selector wants of one label.
type wish struct {
	exists, absent bool
	in             []string // nil means any
	notIn          []string
}

// wishes reads a selector by its canonical form, which package label documents. The keys
// are in the order written.
func wishes(s *label.Selector) (keys []string, all map[string]*wish) {
	all = make(map[string]*wish)
	w := &words{rest: s.String()}
	for !w.end() {
		not := w.take("!")
		key := w.word()
		is := all[key]
		if is == nil {
			is = new(wish)
			all[key], keys = is, append(keys, key)
		}
		switch {
		case not:
			is.absent = true
		case w.take("!="):
			is.notIn = append(is.notIn, w.word())
		case w.take("="):
			is.restrict([]string{w.word()})
		case w.take("in"):
			is.restrict(w.list())
		case w.take("notin"):
			is.notIn = append(is.notIn, w.list()...)
		default:
			is.exists = true
		}
		if !w.take(",") {
			break
		}
	}
	return keys, all
}

func (w *wish) restrict(values []string) {
	w.exists = true
	if w.in == nil {
		w.in = values
		return
	}
	kept := []string{}
	for _, v := range w.in {
		if slices.Contains(values, v) {
			kept = append(kept, v)
		}
	}
	w.in = kept
}

// value returns one that fulfils w, and whether the label is to be there. ok is false
// when there is none.
func (w *wish) value() (value string, there, ok bool) {
	switch {
	case !w.exists:
		return "", false, true
	case w.absent:
		return "", false, false
	case w.in != nil:
		for _, v := range w.in {
			if !slices.Contains(w.notIn, v) {
				return v, true, true
			}
		}
		return "", true, false
	}
	for i := 0; ; i++ {
		value := mark
		if i > 0 {
			value = fmt.Sprintf("%s-%d", mark, i)
		}
		if !slices.Contains(w.notIn, value) {
			return value, true, true
		}
	}
}

// selectedKeys returns the keys that DT_LABELS names; the text must be one that
// label.ParseSelect takes.
func selectedKeys(text string) []string {
	var keys []string
	for w := (&words{rest: text}); !w.end(); w.take(",") {
		keys = append(keys, w.word())
		if w.take("=") {
			w.word()
		}
	}
	return keys
}

// words takes texts of package label apart that are known to be right.
type words struct{ rest string }

func (w *words) skip() { w.rest = strings.TrimLeft(w.rest, " \t\r\n") }

func (w *words) end() bool {
	w.skip()
	return w.rest == ""
}

// take takes token if it comes next.
func (w *words) take(token string) bool {
	w.skip()
	rest, ok := strings.CutPrefix(w.rest, token)
	if ok {
		w.rest = rest
	}
	return ok
}

// word takes a word, bare or in quotes. It takes at least a byte, so that a text that
// is wrong has an end too.
func (w *words) word() string {
	w.skip()
	if !strings.HasPrefix(w.rest, `"`) {
		n := strings.IndexAny(w.rest, ",=!() \t\r\n\"")
		switch n {
		case -1:
			n = len(w.rest)
		case 0:
			n = 1
		}
		word := w.rest[:n]
		w.rest = w.rest[n:]
		return word
	}
	var b strings.Builder
	for i := 1; i < len(w.rest); i++ {
		switch c := w.rest[i]; c {
		case '\\':
			if i++; i < len(w.rest) {
				b.WriteByte(w.rest[i])
			}
		case '"':
			w.rest = w.rest[i+1:]
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	w.rest = ""
	return b.String()
}

// list takes words in brackets.
func (w *words) list() []string {
	list := []string{}
	for w.take("("); !w.end() && !w.take(")"); w.take(",") {
		list = append(list, w.word())
	}
	return list
}
