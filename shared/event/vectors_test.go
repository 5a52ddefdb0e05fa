package event_test

import (
	"encoding/json"
	"os"
	"testing"
)

// A sample is an entry of testdata/events.json: one for each event type.
type sample struct {
	EventType string          `json:"eventType"`
	Forwarded json.RawMessage `json:"forwarded"`
}

type edgeCase struct {
	ID   string          `json:"id"`
	Data json.RawMessage `json:"data"`
}

func readSamples(t testing.TB) (samples []sample, edges []edgeCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/events.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Events    []sample   `json:"events"`
		EdgeCases []edgeCase `json:"edge_cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Events) != 19 {
		t.Fatalf("%d samples, want one for each of the 19 event types", len(file.Events))
	}
	return file.Events, file.EdgeCases
}

// compact returns raw as DT sends it: without white space.
func compact(t testing.TB, raw json.RawMessage) []byte {
	t.Helper()
	var decoded any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
