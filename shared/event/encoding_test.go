package event_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every event type, as a CloudEvent with its own labels and with others.
func TestCloudEventsGolden(t *testing.T) {
	samples, _ := readSamples(t)
	var got bytes.Buffer
	for _, s := range samples {
		ev := decode(t, string(compact(t, s.Forwarded)))
		got.Write(event.CloudEvents.Encode(ev, ev.Labels))
		got.WriteByte('\n')
		got.Write(event.CloudEvents.Encode(ev, event.Labels{{Key: "site", Value: "Øst \"1\""}, {Key: "empty"}}))
		got.WriteByte('\n')
	}
	const golden = "testdata/cloudevents.golden.ndjson"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", golden, got.Bytes())
	}
}

func TestCloudEventAttributes(t *testing.T) {
	tests := []struct {
		name, body string
		want       map[string]any // nil: must be absent
	}{
		{"real", realBody, map[string]any{
			"specversion": "1.0", "id": "c82gg9catj3vmh4248og", "type": "com.disruptive-technologies.touch",
			"source":  "projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg",
			"subject": "emuc17m6d7lq0bgk44smcqg", "time": "2022-02-10T12:42:13.313949Z",
			"datacontenttype": "application/json", "recovered": nil,
		}},
		{"of a project, no time", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"ping"}}`, map[string]any{
			"source": "projects/p", "subject": nil, "time": nil,
		}},
		{"a time that is none", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"x","timestamp":"noon"}}`, map[string]any{"time": nil}},
		{"a target that is no URI", `{"event":{"eventId":"a","targetName":"projects/my p%/ü:1","eventType":"x"}}`, map[string]any{
			"source": "projects/my%20p%25/%C3%BC:1",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ev := decode(t, test.body)
			var got map[string]any
			if err := json.Unmarshal(event.CloudEvents.Encode(ev, ev.Labels), &got); err != nil {
				t.Fatal(err)
			}
			for name, value := range test.want {
				if got[name] != value {
					t.Errorf("%s: got %v, want %v", name, got[name], value)
				}
			}
		})
	}
}

// What is not known or not touched keeps its bytes.
func TestCloudEventKeepsTheBody(t *testing.T) {
	body := `{"new":[1.0,1e2,"\u00e9"],"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"x","data":{"x":{"value":27.0}},"extra":null},"labels":{"a":"1"},"metadata":{"deviceId":"d"}}`
	ev := decode(t, body)
	if got := string(event.CloudEvents.Encode(ev, ev.Labels)); !strings.HasSuffix(got, `"data":`+body+`}`) {
		t.Errorf("unchanged labels: %s", got)
	}
	want := strings.Replace(body, `{"a":"1"}`, `{"b":"2"}`, 1)
	if got := string(event.CloudEvents.Encode(ev, event.Labels{{Key: "b", Value: "2"}})); !strings.HasSuffix(got, `"data":`+want+`}`) {
		t.Errorf("other labels: %s", got)
	}
	bare := `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"x"}}`
	if got := string(event.CloudEvents.Encode(decode(t, bare), event.Labels{{Key: "b", Value: "2"}})); !strings.HasSuffix(got, `"data":`+strings.TrimSuffix(bare, "}")+`,"labels":{"b":"2"}}}`) {
		t.Errorf("labels where there were none: %s", got)
	}
}

func TestCloudEventIsOneLine(t *testing.T) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(strings.Replace(realBody, `"touch"}`, `"two\nlines"}`, 1)), "", "\t"); err != nil {
		t.Fatal(err)
	}
	got := event.CloudEvents.Encode(decode(t, pretty.String()), event.Labels{{Key: "name", Value: "two\nlines"}})
	if bytes.ContainsAny(got, "\r\n") || !json.Valid(got) {
		t.Errorf("not one line of JSON: %s", got)
	}
}

func TestRawIsTheBody(t *testing.T) {
	body := "\n " + realBody + "\r\n"
	if got := event.RawBody.Encode(decode(t, body), event.Labels{{Key: "x", Value: "y"}}); string(got) != body {
		t.Errorf("got %q", got)
	}
}

// One bundle feeds another: what this one sends, it reads.
func TestDecodeReadsItsOwnCloudEvents(t *testing.T) {
	samples, _ := readSamples(t)
	for _, s := range samples {
		first := decode(t, string(compact(t, s.Forwarded)))
		first.Recovered = true
		wire := event.CloudEvents.Encode(first, first.Labels)
		second := decode(t, string(wire))
		if second.ID != first.ID || second.Type != first.Type || !bytes.Equal(second.Data, first.Data) || second.DeviceType() != first.DeviceType() || !second.Recovered {
			t.Errorf("%s: %+v became %+v", s.EventType, first, second)
		}
		if again := event.CloudEvents.Encode(second, second.Labels); !bytes.Equal(again, wire) {
			t.Errorf("%s: sent again it is another\n%s\n%s", s.EventType, wire, again)
		}
		if !bytes.Equal(second.Raw(), wire) {
			t.Errorf("%s: Raw is not what was received", s.EventType)
		}
	}
}

func TestEncodeUndecodable(t *testing.T) {
	body := []byte("\x00\xff{\n")
	if got := event.RawBody.EncodeUndecodable("i", body, "syntax"); !bytes.Equal(got, body) {
		t.Errorf("raw: %q", got)
	}
	var got map[string]string
	if err := json.Unmarshal(event.CloudEvents.EncodeUndecodable("i", body, "syntax"), &got); err != nil {
		t.Fatal(err)
	}
	if got["id"] != "i" || got["type"] != event.TypeUndecodable || got["deadletter"] != "syntax" || got["data_base64"] != base64.StdEncoding.EncodeToString(body) {
		t.Errorf("got %v", got)
	}
}

func TestParseEncoding(t *testing.T) {
	for text, want := range map[string]event.Encoding{"cloudevents": event.CloudEvents, "CloudEvents": event.CloudEvents, "raw": event.RawBody} {
		if got, err := event.ParseEncoding(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	if _, err := event.ParseEncoding("xml"); err == nil || !strings.Contains(err.Error(), `"cloudevents" or "raw"`) {
		t.Errorf("xml: got %v", err)
	}
}
