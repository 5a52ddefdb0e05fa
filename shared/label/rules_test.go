package label_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/label"
)

func rules(t testing.TB, labels, defaults string) *label.Rules {
	t.Helper()
	sel, err := label.ParseSelect(labels)
	if err != nil {
		t.Fatal(err)
	}
	values, err := label.ParseDefaults(defaults)
	if err != nil {
		t.Fatal(err)
	}
	r, err := label.NewRules(sel, values)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRulesApply(t *testing.T) {
	device := event.Labels{{Key: "name", Value: "Fridge 3"}, {Key: "floor", Value: "2"}, {Key: "customer"}, {Key: "Coffee machine", Value: "ø"}}
	tests := []struct {
		name, labels, defaults string
		in, want               event.Labels
	}{
		{"all", "", "", device, device},
		{"all, blank", " \n", "\t", device, device},
		{"select", "floor,name", "", device, event.Labels{{Key: "floor", Value: "2"}, {Key: "name", Value: "Fridge 3"}}},
		{"select a missing one", "room, floor", "", device, event.Labels{{Key: "floor", Value: "2"}}},
		{"select only missing ones", "room", "", device, event.Labels{}},
		{"select a prefix", "name,floor", "", device, device[:2]},
		{"select all", `name,floor,customer,"Coffee machine"`, "", device, device},
		{"rename", "floor=etasje, name = display", "", device, event.Labels{{Key: "etasje", Value: "2"}, {Key: "display", Value: "Fridge 3"}}},
		{"rename to itself", "floor=floor,name=name,description=description", "", device, event.Labels{{Key: "floor", Value: "2"}, {Key: "name", Value: "Fridge 3"}}},
		{"rename with quotes", `"Coffee machine"="a \"b\" \\c"`, "", device, event.Labels{{Key: `a "b" \c`, Value: "ø"}}},
		{"rename to one that does not go on", "floor=customer", "", device, event.Labels{{Key: "customer", Value: "2"}}},
		{"operators are words like others", "in=x,notin", "in=in", nil, event.Labels{{Key: "x", Value: "in"}}},
		{"default", "", "room=1,floor=9, site=", device, append(slices.Clone(device), event.Label{Key: "room", Value: "1"}, event.Label{Key: "site"})},
		{"default without labels", "", `room="1 a"`, nil, event.Labels{{Key: "room", Value: "1 a"}}},
		{"default of an empty label", "", "customer=x", device, device},
		{"default of a selected label", "customer,room=rom,floor", "room=1,customer=x", device,
			event.Labels{{Key: "customer"}, {Key: "rom", Value: "1"}, {Key: "floor", Value: "2"}}},
		{"default without labels of a selected label", "customer=c,room=rom", "customer=", event.Labels{}, event.Labels{{Key: "c"}}},
		{"default of the name", "", "name=unnamed", event.Labels{{Key: "a"}}, event.Labels{{Key: "a"}, {Key: "name", Value: "unnamed"}}},
		{"no labels", "", "", nil, nil},
		{"select without labels", "a", "", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := slices.Clone(test.in)
			got := rules(t, test.labels, test.defaults).Apply(in)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !slices.Equal(in, test.in) {
				t.Errorf("input changed to %q", in)
			}
			if test.want != nil && got == nil {
				t.Error("got nil labels")
			}
		})
	}
}

// The result never grows into room that the input has behind its end.
func TestRulesApplyLeavesRoomOfInputAlone(t *testing.T) {
	whole := event.Labels{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}
	got := rules(t, "", "c=3").Apply(whole[:1])
	if want := (event.Labels{{Key: "a", Value: "1"}, {Key: "c", Value: "3"}}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if whole[1].Key != "b" {
		t.Errorf("input's room changed to %q", whole[1])
	}
}

func TestRulesIdentity(t *testing.T) {
	labels := event.Labels{{Key: "a"}}
	for _, r := range []*label.Rules{nil, {}, rules(t, "", "")} {
		if !r.Identity() {
			t.Errorf("%v: not the identity", r)
		}
		if got := r.Apply(labels); &got[0] != &labels[0] {
			t.Errorf("%v: Apply made other labels", r)
		}
	}
	for _, r := range []*label.Rules{rules(t, "a", ""), rules(t, "", "a=1"), rules(t, "a", "a=1")} {
		if r.Identity() {
			t.Errorf("%v: the identity", r)
		}
	}
}

func TestRulesApplyAllocations(t *testing.T) {
	labels := event.Labels{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}, {Key: "c", Value: "3"}}
	tests := []struct {
		name, labels, defaults string
		want                   float64
	}{
		{"identity", "", "", 0},
		{"select all", "a,b,c,d", "a=9", 0},
		{"defaults not needed", "", "a=9,b=9", 0},
		{"select none", "x", "", 0},
		{"select", "a,b", "", 1},
		{"other order", "b,a,c", "", 1},
		{"rename", "a=x,b,c", "", 1},
		{"select and default", "a,x,y,z", "x=1,y=1", 1},
		{"default", "", "x=1,y=2,z=3", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rules(t, test.labels, test.defaults)
			if got := testing.AllocsPerRun(100, func() { r.Apply(labels) }); got != test.want {
				t.Errorf("%v allocations, want %v", got, test.want)
			}
		})
	}
}

func TestSelectErrors(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		message string
	}{
		{",", 0, `expected a label, found ","`},
		{"a,", 2, "expected a label, found end of text"},
		{"!a", 0, `expected a label, found "!"`},
		{`a,""`, 2, "expected a label, found an empty name"},
		{"a b", 2, `expected "=" or ",", found "b"; text with spaces goes in double quotes`},
		{"a==b", 1, `expected "=" or ",", found "=="`},
		{"a in (b)", 2, `expected "=" or ",", found "in"; text with spaces goes in double quotes`},
		{"a=", 2, "expected a new name, found end of text"},
		{"a=,b", 2, `expected a new name, found ","`},
		{`a=""`, 2, "expected a new name, found an empty name"},
		{"a=b c", 4, `expected ",", found "c"; text with spaces goes in double quotes`},
		{"a=b=c", 3, `expected ",", found "="`},
		{"a=a=c", 3, `expected ",", found "="`},
		{"a#", 1, `unexpected "#": text with this character goes in double quotes`},
		{"a=#", 2, `unexpected "#": text with this character goes in double quotes`},
		{"a=b#", 3, `unexpected "#": text with this character goes in double quotes`},
		// Names that are taken.
		{"a, b, a", 6, `label "a" is listed twice`},
		{`a=x,"a"=y`, 4, `label "a" is listed twice`},
		{"a=x,b=x", 6, `labels "a" and "b" cannot both be renamed to "x"`},
		{"b,a=b", 4, `label "a" cannot be renamed to "b", a label in this list`},
		{"b=c,a=b", 6, `label "a" cannot be renamed to "b", a label in this list`},
		{"a=b,b", 4, `label "b" cannot go on: its name is taken by label "a", renamed to it`},
		{"a=b,b=a", 4, `label "b" cannot go on: its name is taken by label "a", renamed to it`},
		{"room=name", 5, `no other label can be renamed to "name", the device's display name in DT Studio`},
		{`name=x,room="name"`, 12, `no other label can be renamed to "name", the device's display name in DT Studio`},
		{"name=description", 5, `no other label can be renamed to "description", the device's description in DT Studio`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			_, err := label.ParseSelect(test.text)
			syntax := syntaxError(t, err, test.text)
			if syntax.Offset != test.offset || syntax.Message != test.message {
				t.Errorf("got offset %d, %s\nwant %d, %s", syntax.Offset, syntax.Message, test.offset, test.message)
			}
		})
	}
}

func TestDefaultsErrors(t *testing.T) {
	tests := []struct {
		text    string
		offset  int
		message string
	}{
		{"a", 1, `expected "=" and a value, found end of text`},
		{"a,b=1", 1, `expected "=" and a value, found ","`},
		{"a==1", 1, `expected "=" and a value, found "=="`},
		{"a=1,", 4, "expected a label, found end of text"},
		{"=1", 0, `expected a label, found "="`},
		{`""=1`, 0, "expected a label, found an empty name"},
		{"a=(", 2, `expected a value, found "("`},
		{"a=1 2", 4, `expected ",", found "2"; text with spaces goes in double quotes`},
		{"a=1,b=2,a=3", 8, `label "a" has two defaults`},
		{`a=1,"a"=1`, 4, `label "a" has two defaults`},
		{"#", 0, `unexpected "#": text with this character goes in double quotes`},
		{"a#", 1, `unexpected "#": text with this character goes in double quotes`},
		{"a=#", 2, `unexpected "#": text with this character goes in double quotes`},
		{"a=1#", 3, `unexpected "#": text with this character goes in double quotes`},
		{`a="`, 2, "this double quote is never closed"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			_, err := label.ParseDefaults(test.text)
			syntax := syntaxError(t, err, test.text)
			if syntax.Offset != test.offset || syntax.Message != test.message {
				t.Errorf("got offset %d, %s\nwant %d, %s", syntax.Offset, syntax.Message, test.offset, test.message)
			}
		})
	}
}

// A default that no event could ever show.
func TestNewRulesError(t *testing.T) {
	tests := []struct {
		labels, defaults string
		offset           int
		message          string
	}{
		{"a", "a=1, b=2", 5, `label "b" does not go on, so its default has no effect: add the label to DT_LABELS`},
		{"a=b", "b=2", 0, `label "b" does not go on, so its default has no effect: add the label to DT_LABELS`},
		{"a", "\"b\nc\"=2", 0, `label "b\nc" does not go on, so its default has no effect: add the label to DT_LABELS`},
		{"a", `"Coffee machine"=2`, 0, `label "Coffee machine" does not go on, so its default has no effect: add the label to DT_LABELS`},
	}
	for _, test := range tests {
		t.Run(test.labels+" "+test.defaults, func(t *testing.T) {
			sel, err := label.ParseSelect(test.labels)
			if err != nil {
				t.Fatal(err)
			}
			defaults, err := label.ParseDefaults(test.defaults)
			if err != nil {
				t.Fatal(err)
			}
			r, err := label.NewRules(sel, defaults)
			syntax := syntaxError(t, err, test.defaults)
			if syntax.Offset != test.offset || syntax.Message != test.message {
				t.Errorf("got offset %d, %s\nwant %d, %s", syntax.Offset, syntax.Message, test.offset, test.message)
			}
			if r != nil {
				t.Error("rules beside an error")
			}
		})
	}
}

func BenchmarkRulesApply(b *testing.B) {
	labels := event.Labels{{Key: "name", Value: "Fridge 3"}, {Key: "floor", Value: "2"}, {Key: "customer", Value: "Acme"}}
	for _, test := range []struct{ name, labels, defaults string }{
		{"identity", "", ""},
		{"unchanged", "name,floor,customer", ""},
		{"select", "name,floor=etasje,site", "site=Oslo"},
		{"defaults", "", "site=Oslo"},
	} {
		b.Run(test.name, func(b *testing.B) {
			r := rules(b, test.labels, test.defaults)
			b.ReportAllocs()
			for b.Loop() {
				r.Apply(labels)
			}
		})
	}
}

func ExampleNewRules() {
	labels, err := label.ParseSelect(`name, "Floor no."=floor, site`)
	if err != nil {
		fmt.Println("DT_LABELS:", err)
		return
	}
	defaults, err := label.ParseDefaults("site=Oslo")
	if err != nil {
		fmt.Println("DT_LABEL_DEFAULTS:", err)
		return
	}
	rules, err := label.NewRules(labels, defaults)
	if err != nil {
		fmt.Println("DT_LABEL_DEFAULTS:", err)
		return
	}
	for _, l := range rules.Apply(event.Labels{
		{Key: "customer", Value: "Acme"}, {Key: "Floor no.", Value: "2"}, {Key: "name", Value: "Fridge 3"},
	}) {
		fmt.Printf("%s: %s\n", l.Key, l.Value)
	}
	// Output:
	// name: Fridge 3
	// floor: 2
	// site: Oslo
}
