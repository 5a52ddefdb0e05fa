package host_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/dt-functions/dt-functions/azure/host"
)

const (
	object = `{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-01-02T03:00:00+00:00","Next":"2026-01-02T04:00:00+00:00"},"IsPastDue":true}`
	next   = "2026-01-02T04:00:00+00:00"
)

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestParseTimer(t *testing.T) {
	full := host.Timer{PastDue: true, Next: next}
	tests := map[string]struct {
		body string
		want host.Timer
	}{
		"object":         {`{"Data":{"timer":` + object + `},"Metadata":{"sys":{"MethodName":"sync"}}}`, full},
		"text":           {`{"Data":{"timer":` + quoted(object) + `},"Metadata":{}}`, full},
		"text in a text": {`{"Data":{"timer":` + quoted(quoted(object)) + `},"Metadata":{}}`, full},
		"lower case":     {`{"data":{"timer":{"isPastDue":true,"scheduleStatus":{"next":"` + next + `"}}},"metadata":{}}`, full},
		"upper case":     {`{"DATA":{"TIMER":{"ISPASTDUE":true,"SCHEDULESTATUS":{"NEXT":"` + next + `"}}}}`, full},
		"no status":      {`{"Data":{"timer":{"ScheduleStatus":null,"IsPastDue":false}}}`, host.Timer{}},
		"null":           {`{"Data":{"timer":null}}`, host.Timer{}},
		"null as text":   {`{"Data":{"timer":"null"}}`, host.Timer{}},
		"empty text":     {`{"Data":{"timer":""}}`, host.Timer{}},
		"other text":     {`{"Data":{"timer":"soon"}}`, host.Timer{}},
		"other types":    {`{"Data":{"timer":{"IsPastDue":"yes","ScheduleStatus":[1]}}}`, host.Timer{}},
		"other next":     {`{"Data":{"timer":{"IsPastDue":true,"ScheduleStatus":{"Next":7}}}}`, host.Timer{PastDue: true}},
		"more":           {`{"Data":{"timer":{},"other":1},"Metadata":{},"X":[]}`, host.Timer{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := host.ParseTimer([]byte(test.body))
			if err != nil || got != test.want {
				t.Errorf("%+v, %v; want %+v", got, err, test.want)
			}
		})
	}
}

func TestParseTimerRefuses(t *testing.T) {
	for _, body := range []string{
		"", "{", "null", "[]", `"x"`, "{}", `{"Data":null}`, `{"Data":{}}`, `{"Data":[]}`, `{"Data":"x"}`, `{"Data":{"req":{}},"Metadata":{}}`,
		`{"Data":{"timer":{}}} {}`, "\xff",
	} {
		if timer, err := host.ParseTimer([]byte(body)); !errors.Is(err, host.ErrInvocation) || timer != (host.Timer{}) {
			t.Errorf("%q: %+v, %v", body, timer, err)
		}
	}
}

func ExampleParseTimer() {
	timer, err := host.ParseTimer([]byte(`{"Data":{"timer":{"IsPastDue":true,"ScheduleStatus":null}},"Metadata":{}}`))
	fmt.Println(timer.PastDue, err)
	// Output: true <nil>
}

// Whatever the body is, there is a timer, the same when it comes as text, or an error
// with little of it.
func FuzzParseTimer(f *testing.F) {
	for _, timer := range []string{object, "null", `""`, quoted(object), quoted(quoted(object)), `{"isPastDue":true}`, `[{}]`, "7"} {
		f.Add([]byte(`{"Data":{"timer":` + timer + `},"Metadata":{"sys":{}}}`))
	}
	f.Add([]byte(`{"Data":{"timer":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		timer, err := host.ParseTimer(body)
		if err != nil {
			if !errors.Is(err, host.ErrInvocation) || timer != (host.Timer{}) || len(err.Error()) > 300 {
				t.Errorf("%+v, %v", timer, err)
			}
			return
		}
		var invocation struct {
			Data struct{ Timer json.RawMessage }
		}
		if err := json.Unmarshal(body, &invocation); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
		if invocation.Data.Timer[0] != '{' {
			return
		}
		again, err := host.ParseTimer([]byte(`{"Data":{"timer":` + quoted(string(invocation.Data.Timer)) + `}}`))
		if err != nil || again != timer {
			t.Errorf("as an object %+v, as text %+v, %v", timer, again, err)
		}
	})
}
