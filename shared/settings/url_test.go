package settings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func sinkURL(t *testing.T, text string) settings.URL {
	t.Helper()
	return load(t, environment("DT_DEAD_LETTER", text, "DT_FORWARD_SECRET", forward)).DeadLetter
}

// What is shown of a sink says which one it is, and no more.
func TestSinkURLShown(t *testing.T) {
	for text, want := range map[string]string{
		"stdout:":                       "stdout:",
		"file:///var/lib/events.ndjson": "file:///var/lib/events.ndjson",
		"https://host.example:8443/in":  "https://host.example:8443/in",
		"https://user:" + current + "@host.example/in?code=" + current + "#" + current: "https://[redacted]@host.example/in",
		"https://" + current + "@host.example":                                         "https://[redacted]@host.example",
		"https://host.example?x=" + current:                                            "https://host.example",
		"https://host.example#" + current:                                              "https://host.example",
		"file:///" + current + "/a@b":                                                  "file://[redacted]@b", // it could be a password
	} {
		u := sinkURL(t, text)
		if u.Reveal() != text || u.IsZero() || u.String() != want {
			t.Errorf("%s is shown as %s, revealed as %s", text, u, u.Reveal())
		}
		for _, value := range []any{u, &u, []settings.URL{u}, struct{ u settings.URL }{u}, struct{ U *settings.URL }{&u}} {
			for _, verb := range secrettest.Verbs() {
				secrettest.CheckHidden(t, fmt.Sprintf("%T by %s", value, verb), fmt.Sprintf(verb, value), current)
			}
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Error(err)
			}
			secrettest.CheckHidden(t, "JSON", string(encoded), current)
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("x", "u", value)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "u", value)
			secrettest.CheckHidden(t, "a log", b.String(), current)
		}
		if got := fmt.Sprintf("%v %s %q %#v %v", u, u, u, u, []settings.URL{u}); got != want+" "+want+` "`+want+`" "`+want+`" [`+want+"]" {
			t.Errorf("printed %s", got)
		}
		if encoded, err := json.Marshal(u); err != nil || string(encoded) != `"`+want+`"` {
			t.Errorf("as JSON: %s, %v", encoded, err)
		}
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "u", u)
		if !strings.Contains(b.String(), "u="+want) {
			t.Errorf("in a log: %s", &b)
		}
	}
}

func TestSinkURLZero(t *testing.T) {
	var u settings.URL
	if !u.IsZero() || u.Reveal() != "" || u.String() != "" {
		t.Errorf("got %#v", u)
	}
}
