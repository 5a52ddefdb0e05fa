package postgres_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func publishOne(ctx context.Context, s sink.Sink) (sink.Result, error) {
	return s.Publish(ctx, []sink.Message{{ID: "a", Data: []byte("{}")}})
}

// What goes into the column of the type json, and what does not.
func TestReadable(t *testing.T) {
	for data, want := range map[string]bool{
		`{"a":1}`: true, ` { } `: true, `[]`: true, `"x"`: true, `1.50`: true, `null`: true,
		`{"a":1,"a":2}`: true, `{"a":"Kjøl 冷蔵庫 🌡 \u00e6\ud83d\ude00"}`: true,
		``: false, ` `: false, `{`: false, `{}{}`: false, `{'a':1}`: false, "\ufeff{}": false,
		`{"a":"\u0000"}`: false, "{\"a\":\"\x00\"}": false, "{\"a\":\"\xff\"}": false, `{"a":"\ud800"}`: false,
		strings.Repeat("[", 128) + strings.Repeat("]", 128): true,
		strings.Repeat("[", 129) + strings.Repeat("]", 129): false,
	} {
		if got := postgres.Readable([]byte(data)); got != want {
			t.Errorf("%.40q: %v", data, got)
		}
	}
}

func FuzzReadable(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"\u0000"]}`, `{"a":1,"a":2}`, "\x00", `"\ud800"`, strings.Repeat("[", 200), `"]]]"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if postgres.Readable(data) && (!json.Valid(data) || !utf8.Valid(data) || strings.Contains(string(data), "\x00")) {
			t.Errorf("%q is not JSON for all", data)
		}
		text := postgres.Text(string(data))
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Errorf("%q became %q", data, text)
		}
		if clean := string(data); utf8.ValidString(clean) && !strings.Contains(clean, "\x00") && text != clean {
			t.Errorf("%q was changed to %q", data, text)
		}
	})
}
