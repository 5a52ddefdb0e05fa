package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// Whatever the filter wants, the event passes it, and can be known for what it is.
func TestEventPassesTheFilter(t *testing.T) {
	for name, env := range map[string]settings.Environment{
		"none":                  nil,
		"touch among others":    {"DT_EVENT_TYPES": "temperature, touch"},
		"other event types":     {"DT_EVENT_TYPES": "temperature,humidity"},
		"labels changed":        {"DT_EVENT_TYPES": "labelsChanged"},
		"a type of the future":  {"DT_EVENT_TYPES": "radiation"},
		"device types":          {"DT_DEVICE_TYPES": "humidity"},
		"event and device":      {"DT_EVENT_TYPES": "temperature", "DT_DEVICE_TYPES": "proximity,temperature"},
		"project":               {"DT_PROJECTS": "projects/other, another"},
		"equal":                 {"DT_LABEL_SELECTOR": "floor=2"},
		"several":               {"DT_LABEL_SELECTOR": `floor in (1,2), customer, !test, name="Coffee machine", site notin (a,b)`},
		"excludes the own name": {"DT_LABEL_SELECTOR": "!name"},
		"excludes the own mark": {"DT_LABEL_SELECTOR": "!" + doctor.Device},
		"excludes its value":    {"DT_LABEL_SELECTOR": "customer, customer!=" + doctor.Device + ", customer!=" + doctor.Device + "-1"},
		"narrowed":              {"DT_LABEL_SELECTOR": "floor in (1,2,3), floor in (2,3,4), floor!=2"},
		"quotes":                {"DT_LABEL_SELECTOR": `"a \"b\" \\, c" = "d=(e)"`},
		"empty value":           {"DT_LABEL_SELECTOR": `virtual-sensor=""`},
		"labels renamed":        {"DT_LABELS": "floor=etage, site", "DT_LABEL_DEFAULTS": "site=Oslo"},
		"raw":                   {"DT_ENCODING": "raw"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, plan{settings: env})
			w.config.Deployment.Connectors, w.config.Deployment.Schedules = nil, nil
			results := w.run(t)
			if len(failed(results)) > 0 {
				t.Fatal(show(results))
			}
			all := w.shelves.on("main")
			if len(all) != 1 || !strings.Contains(string(all[0]), doctor.Device) {
				t.Errorf("in the sink: %s", all)
			}
		})
	}
}

// The event is one of receive's own form, and consumers can tell it from a sensor's.
func TestEventIsMarked(t *testing.T) {
	w := newWorld(t, plan{settings: settings.Environment{"DT_ENCODING": "raw"}})
	w.run(t)
	ev, err := event.Decode(w.shelves.on("main")[0])
	if err != nil {
		t.Fatal(err)
	}
	if ev.DeviceID() != doctor.Device || ev.ProjectID() != "p1" || ev.Type != event.TypeTouch || ev.DeviceType() != "touch" {
		t.Errorf("%s", ev.Raw())
	}
	if mark, ok := ev.Labels.Get(doctor.Device); !ok || mark != "true" {
		t.Errorf("labels of %s", ev.Raw())
	}
	if touch, err := ev.Touch(); err != nil || !touch.UpdateTime.Equal(begin) {
		t.Errorf("%+v, %v", touch, err)
	}
}

// An interrupt leaves nothing behind.
func TestInterrupt(t *testing.T) {
	w := newWorld(t, plan{deployment: sinks("shelf://other")})
	w.config.Wait = time.Hour
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.config.Seen = func(r doctor.Result) {
		if r.Check == doctor.CheckEvent {
			stop()
		}
	}
	results, err := doctor.Run(ctx, w.config)
	if !errors.Is(err, context.Canceled) || len(failed(results)) > 0 {
		t.Errorf("%v%s", err, show(results))
	}
	w.shelves.check(t)
}

func TestParsePattern(t *testing.T) {
	for _, check := range doctor.Checks() {
		if p, err := doctor.ParsePattern(check + "=a=b"); err != nil || p.Check != check || p.Subject != "a=b" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if _, err := doctor.ParsePattern("conector"); !errors.Is(err, doctor.ErrUnknownCheck) || !strings.Contains(err.Error(), "connector-status") {
		t.Errorf("%v", err)
	}
}

// FuzzPassing: for every selector there is an event that passes it, or the doctor says
// that there is none.
func FuzzPassing(f *testing.F) {
	for _, text := range []string{"a", "!a", "a=1, a!=1", `a in (1,2), "b c"=",", !d`, "a notin (x)", "in, notin in (in)"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		selector, err := label.ParseSelector(text)
		if err != nil {
			return
		}
		event, why := doctor.Passing(map[string]string{"DT_LABEL_SELECTOR": text})
		switch {
		case why == nil && !selector.Matches(event.Labels):
			t.Errorf("%s: does not pass: %s", text, event.Raw())
		case why != nil && !errors.Is(why, doctor.ErrImpossible):
			t.Errorf("%s: %v", text, why)
		case why != nil && !strings.Contains(fmt.Sprint(why), "excludes itself"):
			t.Errorf("%s: something passes, but not what was made: %v", text, why)
		}
	})
}
