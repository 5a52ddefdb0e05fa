package dtapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func TestEventsAreRead(t *testing.T) {
	page := vectors(t, "rest_api.json")["event_history_page"]
	var want struct{ Events []json.RawMessage }
	if err := json.Unmarshal(page, &want); err != nil {
		t.Fatal(err)
	}
	w := &world{api: always(string(page))}
	var events []dtapi.HistoryEvent
	for page, err := range w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page...)
	}
	if len(events) != 16 || len(want.Events) != 16 {
		t.Fatalf("%d events of %d", len(events), len(want.Events))
	}
	for i, e := range events {
		if string(e.Raw) != string(want.Events[i]) {
			t.Errorf("event %d is\n%s\nwant, byte for byte,\n%s", i, e.Raw, want.Events[i])
		}
	}
	last := events[15]
	if last.ID != "c0pbuiurq6u6ltshi151" || last.Type != "pressure" || last.TargetName != "projects/c75ivl3go7df88ctp0ug/devices/u6sfppl7rihg0dm4ud7s" ||
		!last.Timestamp.Equal(time.Date(2022, 1, 27, 15, 50, 34, 471e6, time.UTC)) {
		t.Errorf("got %+v", last)
	}
	if r := w.seen()[0]; r.Method != "GET" || r.URL != apiURL+"/"+string(device)+"/events?page_size=1000" {
		t.Errorf("sent %s %s", r.Method, r.URL)
	}
}

func TestEventQuery(t *testing.T) {
	w := &world{}
	zone := time.FixedZone("", 2*3600)
	for _, err := range w.client(t).Events(t.Context(), dtapi.EventQuery{
		Device: device, Types: []string{"touch", "co2"}, PageSize: 10,
		Start: time.Date(2024, 5, 29, 12, 0, 0, 123456789, zone), End: time.Date(2024, 5, 30, 12, 0, 0, 0, time.UTC),
	}) {
		t.Error(err)
	}
	want := map[string][]string{
		"page_size": {"10"}, "event_types": {"touch", "co2"},
		"start_time": {"2024-05-29T10:00:00.123456789Z"}, "end_time": {"2024-05-30T12:00:00Z"},
	}
	if got := w.seen()[0].Query; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// Pages come one by one, when they are asked for, in DT's order; empty ones do not.
func TestEventPages(t *testing.T) {
	w := &world{api: func(n int, _ handled) (*http.Response, error) {
		return ok([]string{
			`{"events":[{"eventId":"5"},{"eventId":"4"}],"nextPageToken":"a"}`,
			`{"events":[],"nextPageToken":"b"}`,
			`{"events":[{"event_id":"3","event_type":"t","target_name":"n"}],"next_page_token":"c"}`,
			`{"events":[{"eventId":"2"}],"nextPageToken":""}`,
		}[n])
	}}
	var got []string
	for page, err := range w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device}) {
		if err != nil {
			t.Fatal(err)
		}
		ids := ""
		for _, e := range page {
			ids += e.ID
		}
		got = append(got, fmt.Sprintf("%s after %d", ids, len(w.seen())))
	}
	if want := []string{"54 after 1", "3 after 3", "2 after 4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Odd events do not hide the others, and are there with their bytes.
func TestOddEvents(t *testing.T) {
	odd := []string{
		`{"eventId":"1"}`, `null`, `5`, `{}`, `{"eventId":7,"timestamp":"yesterday"}`, `{"eventId":"a","eventId":"b"}`,
		`{ "eventId" : "\u0061" , "data":{"temperature":{"value":27.0}} }`, "{\"eventId\":\"\xff\"}",
	}
	w := &world{api: always(`{"events":[` + strings.Join(odd, " ,\n ") + `]}`)}
	for page, err := range w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device}) {
		if err != nil || len(page) != len(odd) {
			t.Fatalf("%d events, %v", len(page), err)
		}
		for i, e := range page {
			if string(e.Raw) != odd[i] {
				t.Errorf("event %d is %s, want %s", i, e.Raw, odd[i])
			}
			if !e.Timestamp.IsZero() {
				t.Errorf("event %d is of %v", i, e.Timestamp)
			}
		}
		if page[6].ID != "a" || page[4].ID != "" {
			t.Errorf("ids %q and %q", page[6].ID, page[4].ID)
		}
	}
}

// An error half-way is the last that comes; what came before is good.
func TestEventsFailHalfWay(t *testing.T) {
	for name, second := range map[string]func() (*http.Response, error){
		"not found": func() (*http.Response, error) { return failing(404) },
		"malformed": func() (*http.Response, error) { return ok(`{"events":[{"eventId":"2"}`) },
		"too long":  func() (*http.Response, error) { return ok(`{"events":["` + strings.Repeat("x", 16<<20) + `"]}`) },
	} {
		w := &world{api: func(n int, _ handled) (*http.Response, error) {
			if n > 0 {
				return second()
			}
			return ok(`{"events":[{"eventId":"1"}],"nextPageToken":"a"}`)
		}}
		var got []string
		for page, err := range w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device}) {
			var e *dtapi.Error
			switch {
			case err == nil:
				got = append(got, page[0].ID)
			case errors.As(err, &e) && e.Path == "/"+string(device)+"/events" && !strings.Contains(err.Error(), "page_token"):
				got = append(got, "error")
			default:
				t.Errorf("%s: %v", name, err)
			}
		}
		if !reflect.DeepEqual(got, []string{"1", "error"}) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A page may be long: 16 MiB of events are read, and one byte more is an error.
func TestLongPages(t *testing.T) {
	page := func(length int) string {
		const before, after = `{"events":[{"eventId":"`, `"}]}`
		return before + strings.Repeat("x", length-len(before)-len(after)) + after
	}
	w := &world{api: always(page(16 << 20))}
	if err := first(w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device})); err != nil {
		t.Errorf("16 MiB: %v", err)
	}
	w.answer(always(page(16<<20 + 1)))
	if err := first(w.client(t).Events(t.Context(), dtapi.EventQuery{Device: device})); !errors.Is(err, dtapi.ErrMalformed) || !strings.Contains(err.Error(), "more than 16777216 bytes") {
		t.Errorf("16 MiB and a byte: %v", err)
	}
}

// BenchmarkEventPage reads a page of 1,000 events.
func BenchmarkEventPage(b *testing.B) {
	event := `{"eventId":"c0pbuiurq6u6ltshi151","targetName":"projects/c75ivl3go7df88ctp0ug/devices/u6sfppl7rihg0dm4ud7s","eventType":"temperature","data":{"temperature":{"value":24.9,"isBackfilled":false,"samples":[{"value":24.9,"sampleTime":"2019-05-16T08:15:18.318751Z"}],"updateTime":"2019-05-16T08:15:18.318751Z"}},"timestamp":"2022-01-27T15:50:34.471000Z"}`
	page := `{"events":[` + strings.Repeat(event+",", 999) + event + `],"nextPageToken":""}`
	w := &world{api: always(page)}
	c := w.client(b)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		for events, err := range c.Events(b.Context(), dtapi.EventQuery{Device: device}) {
			if err != nil || len(events) != 1000 {
				b.Fatal(len(events), err)
			}
		}
	}
}
