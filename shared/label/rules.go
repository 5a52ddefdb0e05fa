package label

import (
	"fmt"

	"github.com/dt-functions/dt-functions/shared/event"
)

// Rules say which labels go on, under which names, with which values for devices
// without them. A nil *Rules changes nothing.
type Rules struct {
	selected []rule         // in the order of the list; empty: all labels go on
	defaults []defaultValue // when all labels go on
}

// A rule is a selected label with its default.
type rule struct {
	field
	value      string // the default
	hasDefault bool
}

// NewRules joins the two compiled texts. A default for a label that sel does not
// let through could never be seen: that is an error, the only one, and a
// *[SyntaxError] in the text of defaults.
func NewRules(sel Select, defaults Defaults) (*Rules, error) {
	if len(sel.fields) == 0 {
		return &Rules{defaults: defaults.values}, nil
	}
	r := &Rules{selected: make([]rule, len(sel.fields))}
	position := make(map[string]int, len(sel.fields))
	for i, f := range sel.fields {
		r.selected[i].field = f
		position[f.key] = i
	}
	for _, d := range defaults.values {
		i, ok := position[d.key]
		if !ok {
			return nil, &SyntaxError{Input: defaults.text, Offset: d.offset, Message: fmt.Sprintf(
				"label %s does not go on, so its default has no effect: add the label to DT_LABELS", quoted(d.key))}
		}
		r.selected[i].value, r.selected[i].hasDefault = d.value, true
	}
	return r, nil
}

// Identity says whether Apply returns what it is given, whatever that is: no
// label is selected and there are no defaults.
func (r *Rules) Identity() bool {
	return r == nil || len(r.selected) == 0 && len(r.defaults) == 0
}

// Apply returns the labels that go on. With a selection they come in its order;
// otherwise in the order received, then the defaults that were needed.
//
// It does not change labels. When the result would be equal to labels it is
// labels, which must then be treated as shared; anything else is one allocation.
func (r *Rules) Apply(labels event.Labels) event.Labels {
	switch {
	case r == nil:
		return labels
	case len(r.selected) > 0:
		return r.choose(labels)
	}
	return r.complete(labels)
}

// choose applies a selection.
func (r *Rules) choose(labels event.Labels) event.Labels {
	n, same := 0, true
	for i := range r.selected {
		if l, ok := r.selected[i].of(labels); ok {
			same = same && n < len(labels) && labels[n] == l
			n++
		}
	}
	if same && n == len(labels) {
		return labels
	}
	out := make(event.Labels, 0, n)
	for i := range r.selected {
		if l, ok := r.selected[i].of(labels); ok {
			out = append(out, l)
		}
	}
	return out
}

// of returns what goes on of labels by this rule, and whether anything does.
func (r *rule) of(labels event.Labels) (event.Label, bool) {
	value, ok := labels.Get(r.key)
	if !ok {
		value = r.value
	}
	return event.Label{Key: r.name, Value: value}, ok || r.hasDefault
}

// complete adds the defaults to all labels.
func (r *Rules) complete(labels event.Labels) event.Labels {
	missing := 0
	for i := range r.defaults {
		if _, ok := labels.Get(r.defaults[i].key); !ok {
			missing++
		}
	}
	if missing == 0 {
		return labels
	}
	out := make(event.Labels, len(labels), len(labels)+missing)
	copy(out, labels)
	for i := range r.defaults {
		if _, ok := labels.Get(r.defaults[i].key); !ok {
			out = append(out, event.Label{Key: r.defaults[i].key, Value: r.defaults[i].value})
		}
	}
	return out
}
