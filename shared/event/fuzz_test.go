package event_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
)

// FuzzDecode: any body never panics, and a body that is accepted says the same
// to encoding/json; what leaves is one line of JSON that holds the same event.
func FuzzDecode(f *testing.F) {
	samples, _ := readSamples(f)
	for _, s := range samples {
		f.Add([]byte(s.Forwarded), "name", "x")
		f.Add(compact(f, s.Forwarded), "", "\xff\n")
	}
	f.Add([]byte(realBody), "a", "b")
	f.Add(event.CloudEvents.Encode(decode(f, realBody), nil), "a", "b")
	f.Fuzz(func(t *testing.T, body []byte, key, value string) {
		ev, err := event.Decode(body)
		if err != nil {
			return
		}
		type envelope struct {
			Event struct {
				EventID    string          `json:"eventId"`
				EventType  string          `json:"eventType"`
				TargetName string          `json:"targetName"`
				Data       json.RawMessage `json:"data"`
			} `json:"event"`
			Labels map[string]string `json:"labels"`
		}
		for _, labels := range []event.Labels{ev.Labels, {{Key: key, Value: value}}} {
			out := event.CloudEvents.Encode(ev, labels)
			if bytes.ContainsAny(out, "\r\n") {
				t.Fatalf("more than one line: %q", out)
			}
			var sent struct {
				ID   string   `json:"id"`
				Type string   `json:"type"`
				Data envelope `json:"data"`
			}
			if err := json.Unmarshal(out, &sent); err != nil {
				t.Fatalf("encoding/json: %v in %q", err, out)
			}
			if sent.ID != ev.ID || sent.Type != event.TypePrefix+ev.Type {
				t.Fatalf("sent %+v of %+v", sent, ev)
			}
			// encoding/json matches names in any case, so "eventid" overrides
			// "eventId" for it alone: compare only where it saw one name.
			if !bytes.Contains(bytes.ToLower(out), []byte("eventid")) || bytes.Count(bytes.ToLower(out), []byte("eventid")) != 1 {
				continue
			}
			if sent.Data.Event.EventID != ev.ID {
				t.Fatalf("data holds event %q, want %q", sent.Data.Event.EventID, ev.ID)
			}
		}
		again, err := event.Decode(event.CloudEvents.Encode(ev, ev.Labels))
		if err != nil || again.ID != ev.ID || len(again.Labels) != len(ev.Labels) || again.DeviceID() != ev.DeviceID() {
			t.Fatalf("sent on, it is %+v, %v", again, err)
		}
		for _, eventType := range event.Types() {
			typed(ev, eventType) // must not panic
		}
	})
}
