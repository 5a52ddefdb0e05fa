package filter_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/label"
)

func selector(t testing.TB, text string) *label.Selector {
	t.Helper()
	s, err := label.ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newFilter(t testing.TB, c filter.Config) *filter.Filter {
	t.Helper()
	f, err := filter.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fridge is an event of a temperature sensor.
func fridge() *event.Event {
	return &event.Event{
		ID: "c82gg9catj3vmh4248og", Type: event.TypeTouch, TargetName: "projects/p1/devices/d1",
		Labels:   event.Labels{{Key: "name", Value: "Fridge 3"}, {Key: "floor", Value: "2"}},
		Metadata: event.Metadata{DeviceID: "d1", ProjectID: "p1", DeviceType: event.DeviceTemperature},
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name   string
		config filter.Config
		change func(*event.Event)
		want   filter.Reason
	}{
		{"all", filter.Config{}, nil, ""},
		{"empty lists", filter.Config{EventTypes: []string{}, DeviceTypes: []string{}, Projects: []string{}, Selector: &label.Selector{}}, nil, ""},
		{"event type", filter.Config{EventTypes: []string{"temperature", "touch"}}, nil, ""},
		{"other event types", filter.Config{EventTypes: []string{"temperature", "touchCount"}}, nil, filter.ReasonEventType},
		{"event type that nobody knows", filter.Config{EventTypes: []string{"illuminance"}}, func(e *event.Event) { e.Type = "illuminance" }, ""},
		{"device type", filter.Config{DeviceTypes: []string{"ccon", "temperature"}}, nil, ""},
		{"other device type", filter.Config{DeviceTypes: []string{"touch"}}, nil, filter.ReasonDeviceType},
		{"no device type", filter.Config{DeviceTypes: []string{"temperature"}}, func(e *event.Event) { e.Metadata = event.Metadata{} }, filter.ReasonDeviceType},
		{"no device type, none asked for", filter.Config{EventTypes: []string{"touch"}}, func(e *event.Event) { e.Metadata = event.Metadata{} }, ""},
		{"project", filter.Config{Projects: []string{"p0", "p1"}}, nil, ""},
		{"project by its name", filter.Config{Projects: []string{"projects/p1"}}, nil, ""},
		{"other project", filter.Config{Projects: []string{"p", "projects/p2"}}, nil, filter.ReasonProject},
		{"project of the metadata", filter.Config{Projects: []string{"p1"}}, func(e *event.Event) { e.TargetName = "" }, ""},
		{"no project", filter.Config{Projects: []string{"p1"}}, func(e *event.Event) { e.TargetName, e.Metadata.ProjectID = "", "" }, filter.ReasonProject},
		{"labels", filter.Config{Selector: selector(t, "floor in (1,2), name")}, nil, ""},
		{"other labels", filter.Config{Selector: selector(t, "floor=1")}, nil, filter.ReasonLabels},
		{"no labels", filter.Config{Selector: selector(t, "floor")}, func(e *event.Event) { e.Labels = nil }, filter.ReasonLabels},
		{"all four", filter.Config{EventTypes: []string{"touch"}, DeviceTypes: []string{"temperature"}, Projects: []string{"p1"}, Selector: selector(t, "floor")}, nil, ""},
		{"first reason of four", filter.Config{EventTypes: []string{"co2"}, DeviceTypes: []string{"co2"}, Projects: []string{"x"}, Selector: selector(t, "x")}, nil, filter.ReasonEventType},
		{"first reason of three", filter.Config{DeviceTypes: []string{"co2"}, Projects: []string{"x"}, Selector: selector(t, "x")}, nil, filter.ReasonDeviceType},
		{"first reason of two", filter.Config{Projects: []string{"x"}, Selector: selector(t, "x")}, nil, filter.ReasonProject},
		{"blanks, twice", filter.Config{EventTypes: []string{" touch\n", "touch"}, DeviceTypes: []string{"\ttemperature"}, Projects: []string{" projects/p1 ", "p1"}}, nil, ""},
		{"case counts in projects", filter.Config{Projects: []string{"P1"}}, nil, filter.ReasonProject},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := fridge()
			if test.change != nil {
				test.change(e)
			}
			ok, reason := newFilter(t, test.config).Match(e)
			if ok != (test.want == "") || reason != test.want {
				t.Errorf("got %v, %q, want %q", ok, reason, test.want)
			}
		})
	}
}

// Every known type is taken as it is and matches itself alone.
func TestMatchKnownTypes(t *testing.T) {
	for _, wanted := range event.Types() {
		f := newFilter(t, filter.Config{EventTypes: []string{wanted}})
		for _, sent := range event.Types() {
			if ok, _ := f.Match(&event.Event{Type: sent}); ok != (sent == wanted) {
				t.Errorf("%s wanted, %s sent: %v", wanted, sent, ok)
			}
		}
	}
	for _, wanted := range event.DeviceTypes() {
		f := newFilter(t, filter.Config{DeviceTypes: []string{wanted}})
		for _, sent := range event.DeviceTypes() {
			if ok, _ := f.Match(&event.Event{Metadata: event.Metadata{DeviceType: sent}}); ok != (sent == wanted) {
				t.Errorf("%s wanted, %s sent: %v", wanted, sent, ok)
			}
		}
	}
	f := newFilter(t, filter.Config{EventTypes: event.Types(), DeviceTypes: event.DeviceTypes()})
	if got := f.Unknown(); len(got) > 0 {
		t.Errorf("unknown: %q", got)
	}
}

func TestNilFilter(t *testing.T) {
	var f *filter.Filter
	if ok, reason := f.Match(fridge()); !ok || reason != "" {
		t.Errorf("got %v, %q", ok, reason)
	}
	if got := f.Unknown(); got != nil {
		t.Errorf("unknown: %q", got)
	}
}

// A filter keeps nothing of the lists it was made from.
func TestFilterIsItsOwn(t *testing.T) {
	types := []string{"touch", "illuminance"}
	f := newFilter(t, filter.Config{EventTypes: types})
	types[0], types[1] = "co2", "co2"
	f.Unknown()[0] = "changed"
	if ok, _ := f.Match(fridge()); !ok {
		t.Error("no longer matches")
	}
	if got := f.Unknown(); !slices.Equal(got, []string{"illuminance"}) {
		t.Errorf("unknown: %q", got)
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	f := newFilter(t, filter.Config{
		EventTypes: []string{"touch", "temperature"}, DeviceTypes: []string{"temperature"},
		Projects: []string{"p0", "p1"}, Selector: selector(t, "floor in (1,2), !test"),
	})
	wanted, other, missing := fridge(), fridge(), &event.Event{Type: "touch"}
	other.Labels = nil
	for _, test := range []struct {
		e    *event.Event
		want filter.Reason
	}{{wanted, ""}, {other, filter.ReasonLabels}, {missing, filter.ReasonDeviceType}} {
		if _, reason := f.Match(test.e); reason != test.want {
			t.Fatalf("reason %q, want %q", reason, test.want)
		}
		if n := testing.AllocsPerRun(100, func() { f.Match(test.e) }); n != 0 {
			t.Errorf("%v allocations with reason %q, want 0", n, test.want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	f := newFilter(b, filter.Config{
		EventTypes: []string{"touch", "temperature"}, DeviceTypes: []string{"temperature"},
		Projects: []string{"p0", "p1"}, Selector: selector(b, "floor in (1,2), !test"),
	})
	e := fridge()
	b.ReportAllocs()
	for b.Loop() {
		if ok, _ := f.Match(e); !ok {
			b.Fatal("does not match")
		}
	}
}

func ExampleFilter_Match() {
	selector, err := label.ParseSelector("floor in (1,2), !test")
	if err != nil {
		fmt.Println(err)
		return
	}
	wanted, err := filter.New(filter.Config{EventTypes: []string{event.TypeTemperature, event.TypeTouch}, Selector: selector})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range []*event.Event{
		{Type: event.TypeTouch, Labels: event.Labels{{Key: "floor", Value: "2"}}},
		{Type: event.TypeTouch, Labels: event.Labels{{Key: "floor", Value: "3"}}},
		{Type: event.TypeNetworkStatus},
	} {
		ok, reason := wanted.Match(e)
		fmt.Printf("%t %q\n", ok, reason)
	}
	// Output:
	// true ""
	// false "labels"
	// false "event-type"
}
