package event_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
)

// realBody is a body that DT Cloud sent on 2022-02-10.
const realBody = `{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"touch","data":{"touch":{"updateTime":"2022-02-10T12:42:13.313949Z"}},"timestamp":"2022-02-10T12:42:13.313949Z"},"labels":{"name":"touch"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"touch","productNumber":""}}`

func decode(t testing.TB, body string) *event.Event {
	t.Helper()
	ev, err := event.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func TestDecodeRealBody(t *testing.T) {
	ev := decode(t, realBody)
	for name, pair := range map[string][2]string{
		"ID":          {ev.ID, "c82gg9catj3vmh4248og"},
		"Type":        {ev.Type, event.TypeTouch},
		"TargetName":  {ev.TargetName, "projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg"},
		"DeviceID":    {ev.DeviceID(), "emuc17m6d7lq0bgk44smcqg"},
		"ProjectID":   {ev.ProjectID(), "c14u9p094l47cdv1o3pg"},
		"DeviceType":  {ev.DeviceType(), event.DeviceTouch},
		"Timestamp":   {ev.Timestamp, "2022-02-10T12:42:13.313949Z"},
		"DisplayName": {ev.DisplayName(), "touch"},
		"Data":        {string(ev.Data), `{"touch":{"updateTime":"2022-02-10T12:42:13.313949Z"}}`},
		"Raw":         {string(ev.Raw()), realBody},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", name, pair[0], pair[1])
		}
	}
	when, err := ev.Time()
	if err != nil || when.UnixMicro() != 1644496933313949 {
		t.Errorf("Time: got %v, %v", when, err)
	}
}

func TestDecodeTolerates(t *testing.T) {
	tests := []struct {
		name, body string
		check      func(*event.Event) bool
	}{
		{"no metadata, as before 2022", `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"touch"},"labels":{}}`,
			func(e *event.Event) bool { return e.DeviceID() == "d" && e.DeviceType() == "" }},
		{"no labels", `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"touch"}}`,
			func(e *event.Event) bool { return len(e.Labels) == 0 && e.DisplayName() == "d" }},
		{"labels null", `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"touch"},"labels":null}`,
			func(e *event.Event) bool { return len(e.Labels) == 0 }},
		{"unknown event type", `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"somethingNew","data":{"somethingNew":{"value":1}}}}`,
			func(e *event.Event) bool { return e.Type == "somethingNew" }},
		{"an event of a project", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"ping","data":null}}`,
			func(e *event.Event) bool { return e.DeviceID() == "" && e.ProjectID() == "p" }},
		{"metadata of another structure", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"x"},"metadata":["a"]}`,
			func(e *event.Event) bool { return e.Metadata == event.Metadata{} }},
		{"metadata with other kinds", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"x"},"metadata":{"deviceId":7,"deviceType":"t"}}`,
			func(e *event.Event) bool { return e.Metadata.DeviceID == "" && e.Metadata.DeviceType == "t" }},
		{"ids of any length", `{"event":{"eventId":"a","targetName":"projects/` + strings.Repeat("p", 99) + `/devices/` + strings.Repeat("d", 99) + `","eventType":"x"}}`,
			func(e *event.Event) bool { return len(e.DeviceID()) == 99 && len(e.ProjectID()) == 99 }},
		{"device only in metadata", `{"event":{"eventId":"a","targetName":"organizations/o","eventType":"x"},"metadata":{"deviceId":"d","projectId":"p"}}`,
			func(e *event.Event) bool { return e.DeviceID() == "d" && e.ProjectID() == "p" }},
		{"escapes", `{"event":{"eventId":"\u0061b","targetName":"projects\/p\/devices\/d","eventType":"t\"t"},"labels":{"\u006eame":"K\u00f8kken \ud83d\ude00"}}`,
			func(e *event.Event) bool {
				return e.ID == "ab" && e.DeviceID() == "d" && e.Type == `t"t` && e.DisplayName() == "Køkken 😀"
			}},
		{"white space around", " \r\n\t" + `{ "event" : {"eventId":"a","targetName":"projects/p","eventType":"x"} } ` + "\n",
			func(e *event.Event) bool { return e.ID == "a" }},
		{"unknown members", `{"x":[1,{"y":[]}],"event":{"z":null,"eventId":"a","targetName":"projects/p","eventType":"x","w":1.0}}`,
			func(e *event.Event) bool { return e.ID == "a" }},
		{"a name that only looks like a collection", `{"event":{"eventId":"a","targetName":"xprojects/q/projects/p/subdevices/e/devices/d","eventType":"x"}}`,
			func(e *event.Event) bool { return e.ProjectID() == "p" && e.DeviceID() == "d" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if ev := decode(t, test.body); !test.check(ev) {
				t.Errorf("decoded to %+v", ev)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name, body string
		want       error
		says       string
	}{
		{"nothing", "", event.ErrSyntax, "too early"},
		{"white space", "  ", event.ErrSyntax, "too early"},
		{"cut short", realBody[:100], event.ErrSyntax, "byte"},
		{"text", "hello", event.ErrSyntax, ""},
		{"two bodies", realBody + realBody, event.ErrSyntax, "follows"},
		{"not UTF-8", strings.Replace(realBody, `"name":"touch"`, "\"name\":\"t\xffuch\"", 1), event.ErrSyntax, "byte"},
		{"half a surrogate pair", strings.Replace(realBody, `"name":"touch"`, `"name":"\ud800"`, 1), event.ErrSyntax, "byte"},
		{"a name twice", strings.Replace(realBody, `"labels":`, `"event":{},"labels":`, 1), event.ErrSyntax, "twice"},
		{"a name twice, deep", strings.Replace(realBody, `{"touch":{`, `{"touch":{"a":1,"a":2,`, 1), event.ErrSyntax, "twice"},
		{"a name twice by an escape", strings.Replace(realBody, `{"name":"touch"}`, `{"name":"touch","\u006eame":"x"}`, 1), event.ErrSyntax, "twice"},
		{"too deep", strings.Repeat("[", 1<<20), event.ErrEnvelope, "object"},
		{"too deep inside", `{"event":` + strings.Repeat(`{"a":`, 200_000), event.ErrSyntax, ""},
		{"a list", "[]", event.ErrEnvelope, "the body: want an object"},
		{"null", "null", event.ErrEnvelope, "the body"},
		{"an empty object", "{}", event.ErrEnvelope, "event: missing"},
		{"event null", `{"event":null}`, event.ErrEnvelope, "event: want an object"},
		{"no id", `{"event":{"targetName":"projects/p","eventType":"x"}}`, event.ErrEnvelope, "event.eventId"},
		{"an empty id", `{"event":{"eventId":"","targetName":"projects/p","eventType":"x"}}`, event.ErrEnvelope, "event.eventId"},
		{"a number as id", `{"event":{"eventId":7,"targetName":"projects/p","eventType":"x"}}`, event.ErrEnvelope, "event.eventId: want a string"},
		{"no type", `{"event":{"eventId":"a","targetName":"projects/p"}}`, event.ErrEnvelope, "event.eventType"},
		{"no target", `{"event":{"eventId":"a","eventType":"x"}}`, event.ErrEnvelope, "event.targetName"},
		{"a number as label", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"x"},"labels":{"floor":2}}`, event.ErrEnvelope, "labels"},
		{"labels a list", `{"event":{"eventId":"a","targetName":"projects/p","eventType":"x"},"labels":[]}`, event.ErrEnvelope, "labels"},
		{"a CloudEvent of something else", `{"specversion":"1.0","data":{"a":1}}`, event.ErrEnvelope, "event: missing"},
		{"a CloudEvent without data", `{"specversion":"1.0","id":"a"}`, event.ErrEnvelope, "event: missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := event.Decode([]byte(test.body))
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
		})
	}
}

// An error is logged and kept with the dead letter, so it must not quote the
// body.
func TestDecodeErrorsTellNothing(t *testing.T) {
	const marker = "marker-in-the-body"
	for _, body := range []string{
		`{"` + marker + `":`, `{"` + marker + `":1,"` + marker + `":2}`, marker,
		`{"event":{"eventId":["` + marker + `"]}}`, `{"labels":{"` + marker + `":1}}`,
	} {
		_, err := event.Decode([]byte(body))
		if err == nil || strings.Contains(err.Error(), marker) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// The decoder must not write into the body: its bytes are what was signed.
func TestDecodeLeavesTheBodyAlone(t *testing.T) {
	body := []byte(" " + realBody + "\n")
	before := bytes.Clone(body)
	ev, err := event.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	event.CloudEvents.Encode(ev, event.Labels{{Key: "a", Value: "b"}})
	if !bytes.Equal(body, before) {
		t.Error("the body has changed")
	}
}
