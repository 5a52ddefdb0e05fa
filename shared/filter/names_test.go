package filter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
)

func TestNameErrors(t *testing.T) {
	tests := []struct {
		kind, name, suggestion, text string
	}{
		{filter.KindEventType, "Temperature", "temperature", `unknown event type "Temperature": did you mean "temperature"?`},
		{filter.KindEventType, "temprature", "temperature", `unknown event type "temprature": did you mean "temperature"?`},
		{filter.KindEventType, "tempreature", "temperature", `unknown event type "tempreature": did you mean "temperature"?`},
		{filter.KindEventType, "TEMPRATURE", "temperature", `unknown event type "TEMPRATURE": did you mean "temperature"?`},
		{filter.KindEventType, "objectpresentcount", "objectPresentCount", `unknown event type "objectpresentcount": did you mean "objectPresentCount"?`},
		{filter.KindEventType, "object_present", "objectPresent", `unknown event type "object_present": did you mean "objectPresent"?`},
		{filter.KindEventType, "water present", "waterPresent", `unknown event type "water present": did you mean "waterPresent"?`},
		{filter.KindEventType, "tuch", "touch", `unknown event type "tuch": did you mean "touch"?`},
		{filter.KindEventType, "touché", "touch", `unknown event type "touché": did you mean "touch"?`},
		{filter.KindEventType, "CO2", "co2", `unknown event type "CO2": did you mean "co2"?`},
		{filter.KindEventType, "touch humidity", "", `event type "touch humidity" has a space in it: separate names with commas`},
		{filter.KindEventType, "", "", "empty event type: write a name, or leave the whole list empty for all"},
		{filter.KindEventType, " \n", "", "empty event type: write a name, or leave the whole list empty for all"},
		{filter.KindDeviceType, "Ccon", "ccon", `unknown device type "Ccon": did you mean "ccon"?`},
		{filter.KindDeviceType, "con", "ccon", `unknown device type "con": did you mean "ccon"?`},
		{filter.KindDeviceType, "proximitycounter", "proximityCounter", `unknown device type "proximitycounter": did you mean "proximityCounter"?`},
		{filter.KindDeviceType, "waterDetectors", "waterDetector", `unknown device type "waterDetectors": did you mean "waterDetector"?`},
		{filter.KindDeviceType, "", "", "empty device type: write a name, or leave the whole list empty for all"},
		{filter.KindProject, "", "", "empty project: write a name, or leave the whole list empty for all"},
		{filter.KindProject, "projects/", "", `project "projects/": write its id, or projects/ and its id`},
		{filter.KindProject, "projects/p/devices/d", "", `project "projects/p/devices/d": write its id, or projects/ and its id`},
		{filter.KindProject, "Projects/p", "", `project "Projects/p": write its id, or projects/ and its id`},
		{filter.KindProject, "/p", "", `project "/p": write its id, or projects/ and its id`},
		{filter.KindProject, "p q", "", `project "p q": write its id, or projects/ and its id`},
	}
	for _, test := range tests {
		t.Run(test.kind+" "+test.name, func(t *testing.T) {
			_, err := filter.New(config(test.kind, test.name))
			var fault *filter.NameError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a *NameError", err)
			}
			if want := (filter.NameError{Kind: test.kind, Name: test.name, Suggestion: test.suggestion}); *fault != want {
				t.Errorf("got %+v, want %+v", *fault, want)
			}
			if err.Error() != test.text {
				t.Errorf("got  %s\nwant %s", err, test.text)
			}
		})
	}
}

func config(kind string, names ...string) filter.Config {
	switch kind {
	case filter.KindEventType:
		return filter.Config{EventTypes: names}
	case filter.KindDeviceType:
		return filter.Config{DeviceTypes: names}
	}
	return filter.Config{Projects: names}
}

// All faults come at once, in order.
func TestNewJoinsErrors(t *testing.T) {
	f, err := filter.New(filter.Config{
		EventTypes: []string{"Touch", "touch", "", "illuminance"}, DeviceTypes: []string{"mottion"}, Projects: []string{"a/b", "p"},
	})
	if f != nil {
		t.Error("a filter beside an error")
	}
	want := []string{
		`unknown event type "Touch": did you mean "touch"?`,
		"empty event type: write a name, or leave the whole list empty for all",
		`unknown device type "mottion": did you mean "motion"?`,
		`project "a/b": write its id, or projects/ and its id`,
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

// Types that DT may add are taken, and told apart from wrong spelling.
func TestUnknown(t *testing.T) {
	tests := []struct {
		eventTypes, deviceTypes, want []string
	}{
		{nil, nil, nil},
		{[]string{"touch"}, []string{"touch"}, nil},
		{[]string{"voc", "touch", " illuminance ", "voc"}, []string{"vocSensor", "ccon", "voc"}, []string{"voc", "illuminance", "vocSensor"}},
		{[]string{"proximity"}, []string{"objectPresent"}, []string{"proximity", "objectPresent"}}, // each of the other kind
		{[]string{"touch;humidity"}, nil, []string{"touch;humidity"}},
		{[]string{"temporary", "gas", "pm25", "tvoc", "noise", strings.Repeat("x", 1000)}, nil, []string{"temporary", "gas", "pm25", "tvoc", "noise", strings.Repeat("x", 1000)}},
	}
	for _, test := range tests {
		f := newFilter(t, filter.Config{EventTypes: test.eventTypes, DeviceTypes: test.deviceTypes})
		if got := f.Unknown(); !slices.Equal(got, test.want) {
			t.Errorf("%q, %q: got %q, want %q", test.eventTypes, test.deviceTypes, got, test.want)
		}
	}
}

// Any one letter of any known name that is wrong, missing, doubled or of the
// other case leads back to a known name.
func TestSuggestionProperty(t *testing.T) {
	for kind, known := range map[string][]string{filter.KindEventType: event.Types(), filter.KindDeviceType: event.DeviceTypes()} {
		for _, name := range known {
			for i := range name {
				before, letter, after := name[:i], name[i:i+1], name[i+1:]
				for _, wrong := range []string{before + "#" + after, before + after, before + letter + letter + after, before + "#" + letter + after,
					before + strings.ToUpper(letter) + after, before + strings.ToLower(letter) + after} {
					if slices.Contains(known, wrong) || wrong == "cco2" { // as near to co2 as to ccon
						continue
					}
					_, err := filter.New(config(kind, wrong))
					var fault *filter.NameError
					if !errors.As(err, &fault) || fault.Suggestion != name {
						t.Errorf("%s %q: got %v, want the suggestion %q", kind, wrong, err, name)
					}
				}
			}
		}
	}
}

func ExampleNew() {
	_, err := filter.New(filter.Config{EventTypes: []string{"temprature", "Touch"}, Projects: []string{"projects/p/devices/d"}})
	fmt.Println(err)
	// Output:
	// unknown event type "temprature": did you mean "temperature"?
	// unknown event type "Touch": did you mean "touch"?
	// project "projects/p/devices/d": write its id, or projects/ and its id
}
