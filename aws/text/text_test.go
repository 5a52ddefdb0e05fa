package text_test

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/aws/text"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func TestNew(t *testing.T) {
	got := text.New(&sink.Message{
		ID: "event1", Key: "device1", Data: []byte(`{"a":1}`),
		Attributes: sink.Attributes{EventType: "touch", DeviceType: "temperature", ProjectID: "p1", Recovered: true, DeadLetter: "syntax"},
	})
	want := text.Message{
		Body: `{"a":1}`, Group: "device1", Deduplication: "event1",
		Attributes: []text.Attribute{
			{Name: "eventId", Value: "event1"}, {Name: "deviceId", Value: "device1"}, {Name: "eventType", Value: "touch"},
			{Name: "deviceType", Value: "temperature"}, {Name: "projectId", Value: "p1"}, {Name: "deadLetter", Value: "syntax"}, {Name: "recovered", Value: "true"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Body 7; names 7+8+9+10+9+10+9, types 7×6, values 6+7+5+11+2+6+4.
	if want := 7 + 62 + 42 + 41; got.Size() != want {
		t.Errorf("size %d, want %d", got.Size(), want)
	}
}

func TestTokens(t *testing.T) {
	allowed := regexp.MustCompile(`^[!-~]{1,128}$`)
	seen := map[string]bool{}
	for _, id := range []string{"event1", "a b", "ä", strings.Repeat("x", 128), strings.Repeat("x", 129), strings.Repeat("x", 130), "\x00", ""} {
		m := text.New(&sink.Message{ID: id, Key: id})
		if !allowed.MatchString(m.Deduplication) || !allowed.MatchString(m.Group) || m.Group != m.Deduplication {
			t.Errorf("%q: group %q, deduplication %q", id, m.Group, m.Deduplication)
		}
		if seen[m.Deduplication] {
			t.Errorf("%q has the token of another id", id)
		}
		seen[m.Deduplication] = true
	}
	if m := text.New(&sink.Message{ID: "e"}); m.Group != "e" {
		t.Errorf("without a device the group is %q", m.Group)
	}
}

func TestAttributesAreTaken(t *testing.T) {
	m := text.New(&sink.Message{ID: "a\x00b", Attributes: sink.Attributes{EventType: "\x1f\xff"}})
	for _, a := range m.Attributes {
		if !utf8.ValidString(a.Value) || strings.ContainsAny(a.Value, "\x00\x1f") {
			t.Errorf("%s: %q", a.Name, a.Value)
		}
	}
}

func TestDecodeFaults(t *testing.T) {
	for body, encoding := range map[string]string{"%": text.Base64, "x": "gzip"} {
		if _, err := text.Decode(body, encoding); err == nil {
			t.Errorf("%q as %q is decoded", body, encoding)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, data := range []string{"", "-", "{}", "\x00", "\xff", "\ufffe", "\r\n\t", "🌡", "\u2028", "\ufffd"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		body, encoding := text.Encode(data)
		if body == "" || !utf8.ValidString(body) {
			t.Fatalf("body %q", body)
		}
		for _, r := range body {
			if r < 0x20 && !strings.ContainsRune("\t\n\r", r) || r == 0xfffe || r == 0xffff {
				t.Fatalf("%U in the body", r)
			}
		}
		back, err := text.Decode(body, encoding)
		if err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%q became %q, %v", data, back, err)
		}
	})
}
