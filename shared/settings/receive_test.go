package settings_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// drivers has the schemes https, file and stdout.
type drivers struct{}

func (drivers) Schemes() []string { return []string{"stdout", "https", "file"} }

func (d drivers) Check(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, errors.New("no URL")
	case !slices.Contains(d.Schemes(), u.Scheme):
		return nil, fmt.Errorf("scheme %q", u.Scheme)
	case u.Scheme == "https" && u.Host == "":
		return nil, errors.New("no host")
	}
	return u, nil
}

// The sinks that every program has fit too.
var _ settings.Drivers = sink.Drivers(nil)

const (
	// Secrets have MARK in them, so that it can be searched for.
	current  = "s3cr3t-MARK-0123456789"
	previous = "pr3v10us-MARK-0123456789"
	forward  = "f0rw4rd-MARK-0123456789"
)

// environment is one that loads without a warning, with changes: pairs of name
// and value.
func environment(changes ...string) settings.Environment {
	env := settings.Environment{"DT_SIGNATURE_SECRET": current, "DT_SINK": "stdout:", "PATH": "/bin", "XDT_SINK": "x", "DT": "x"}
	for i := 0; i < len(changes); i += 2 {
		env[changes[i]] = changes[i+1]
	}
	return env
}

func load(t *testing.T, env settings.Environment) settings.Receive {
	t.Helper()
	r, err := settings.LoadReceive(env, drivers{})
	if err != nil {
		t.Fatalf("%q: %v", env, err)
	}
	return r
}

func TestLoadReceiveLeast(t *testing.T) {
	r := load(t, environment())
	v := r.Verification
	if v.Secret.Reveal() != current || !v.PreviousSecret.IsZero() || v.Organization != "" || v.Issuer != signature.DefaultIssuer || v.AllowSHA1 {
		t.Errorf("verification %+v", v)
	}
	if r.Filter == nil || r.Labels == nil || !r.Labels.Identity() || r.Encoding != event.CloudEvents {
		t.Errorf("handling %+v", r.Handling)
	}
	if ok, _ := r.Filter.Match(&event.Event{Type: "any"}); !ok {
		t.Error("the filter is not open")
	}
	if len(r.Sinks) != 1 || r.Sinks[0].Reveal() != "stdout:" || !r.DeadLetter.IsZero() || !r.ForwardSecret.IsZero() {
		t.Errorf("handling %+v", r.Handling)
	}
	if r.LogLevel != slog.LevelInfo || len(r.Warnings) != 0 {
		t.Errorf("level %v, warnings %q", r.LogLevel, r.Warnings)
	}
}

func TestLoadReceiveAll(t *testing.T) {
	r := load(t, settings.Environment{
		"DT_SIGNATURE_SECRET":          current,
		"DT_SIGNATURE_SECRET_PREVIOUS": previous,
		"DT_ORGANIZATION_ID":           " organizations/b8ntihoaplm0028st07g\n",
		"DT_OIDC_ISSUER":               "http://127.0.0.1:8000/data-connector",
		"DT_ALLOW_SHA1":                "True",
		"DT_EVENT_TYPES":               "temperature, touch",
		"DT_DEVICE_TYPES":              "temperature",
		"DT_PROJECTS":                  "projects/p1, p2",
		"DT_LABEL_SELECTOR":            "floor in (1,2), !test",
		"DT_LABELS":                    "floor, building=site",
		"DT_LABEL_DEFAULTS":            "floor=0",
		"DT_SINK":                      "https://user:pa%2Css@host.example/in?code=c0de , file:///var/a%2Cb",
		"DT_DEAD_LETTER":               "file:///var/dead",
		"DT_FORWARD_SECRET":            forward,
		"DT_ENCODING":                  "CloudEvents",
		"DT_LOG_LEVEL":                 "DEBUG",
		"PORT":                         "8080",
		"DT_CONNECTORS":                "projects/p/dataconnectors/c",
	})
	v := r.Verification
	if v.Secret.Reveal() != current || v.PreviousSecret.Reveal() != previous || v.Organization != "b8ntihoaplm0028st07g" ||
		v.Issuer != "http://127.0.0.1:8000/data-connector" || !v.AllowSHA1 {
		t.Errorf("verification %+v", v)
	}
	ev := &event.Event{
		Type: "touch", Metadata: event.Metadata{DeviceType: "temperature", ProjectID: "p2"},
		Labels: event.Labels{{Key: "building", Value: "B"}, {Key: "floor", Value: "2"}},
	}
	if ok, reason := r.Filter.Match(ev); !ok {
		t.Errorf("filtered: %s", reason)
	}
	if got, want := r.Labels.Apply(ev.Labels), (event.Labels{{Key: "floor", Value: "2"}, {Key: "site", Value: "B"}}); !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	for _, change := range []func(*event.Event){
		func(e *event.Event) { e.Type = "humidity" },
		func(e *event.Event) { e.Metadata.DeviceType = "touch" },
		func(e *event.Event) { e.Metadata.ProjectID = "p3" },
		func(e *event.Event) { e.Labels = nil },
	} {
		other := *ev
		change(&other)
		if ok, _ := r.Filter.Match(&other); ok {
			t.Errorf("passes: %+v", other)
		}
	}
	if len(r.Sinks) != 2 || r.Sinks[0].Reveal() != "https://user:pa%2Css@host.example/in?code=c0de" || r.Sinks[1].Reveal() != "file:///var/a%2Cb" {
		t.Errorf("sinks %v", r.Sinks)
	}
	if r.DeadLetter.Reveal() != "file:///var/dead" || r.ForwardSecret.Reveal() != forward || r.LogLevel != slog.LevelDebug {
		t.Errorf("got %+v", r)
	}
	if len(r.Warnings) != 0 {
		t.Errorf("warnings %q", r.Warnings)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v", r, r, r), fmt.Sprintf("%v %+v %#v", &r, &r, &r)} {
		secrettest.CheckHidden(t, "Receive", shown, current)
		for _, text := range []string{previous, forward, "pa%2Css", "pa,ss", "c0de"} {
			if strings.Contains(shown, text) {
				t.Errorf("shows %q: %s", text, shown)
			}
		}
	}
}

// It works with the sinks that every program has.
func TestLoadReceivePortableSinks(t *testing.T) {
	portable := sink.Portable{Stdout: io.Discard}.Drivers()
	r, err := settings.LoadReceive(environment("DT_SINK", "stdout:,file:///x,https://h", "DT_DEAD_LETTER", "http://localhost/x", "DT_FORWARD_SECRET", forward), portable)
	if err != nil || len(r.Sinks) != 3 || r.DeadLetter.String() != "http://localhost/x" || len(r.Warnings) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	_, err = settings.LoadReceive(environment("DT_SINK", "sqs://"+current+"@h,http://localhost"), portable)
	if got := problems(t, err); len(got) != 2 || !strings.HasSuffix(got[0].Accepted, "; schemes: file, http, https, stdout") || got[1].Variable != "DT_FORWARD_SECRET" {
		t.Errorf("got %v", err)
	}
	secrettest.CheckHidden(t, "the error", err.Error(), current)
}

// Values that mean the same, and what they mean.
func TestLoadReceiveValues(t *testing.T) {
	for text, want := range map[string]bool{"": false, "false": false, "FALSE": false, "0": false, "true": true, "TRUE": true, " 1 ": true} {
		if r := load(t, environment("DT_ALLOW_SHA1", text)); r.Verification.AllowSHA1 != want {
			t.Errorf("DT_ALLOW_SHA1=%q is %v", text, !want)
		}
	}
	for text, want := range map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "Info": slog.LevelInfo, "WARN": slog.LevelWarn, " error": slog.LevelError,
	} {
		if r := load(t, environment("DT_LOG_LEVEL", text)); r.LogLevel != want {
			t.Errorf("DT_LOG_LEVEL=%q is %v", text, r.LogLevel)
		}
	}
	for text, want := range map[string]event.Encoding{"": event.CloudEvents, " ": event.CloudEvents, "raw": event.RawBody, "RAW\n": event.RawBody} {
		if r := load(t, environment("DT_ENCODING", text)); r.Encoding != want {
			t.Errorf("DT_ENCODING=%q is %v", text, r.Encoding)
		}
	}
	for _, issuer := range []string{"https://issuer.example", "http://localhost:1/x", "http://[::1]:1/", "HTTPS://issuer.example/x"} {
		if r := load(t, environment("DT_ORGANIZATION_ID", "o", "DT_OIDC_ISSUER", issuer)); r.Verification.Issuer != issuer {
			t.Errorf("DT_OIDC_ISSUER=%q is %q", issuer, r.Verification.Issuer)
		}
	}
	// A secret may have anything in it but control characters.
	for _, text := range []string{"with a space inside it", `quotes " and ' and \ inside`, "ünïcödé-ünïcödé", "not-utf8-\xff\xfe-0123456789"} {
		if r := load(t, environment("DT_SIGNATURE_SECRET", text)); r.Verification.Secret.Reveal() != text || len(r.Warnings) != 0 {
			t.Errorf("secret %q: warnings %q", text, r.Warnings)
		}
	}
	// An organization alone is enough.
	if r := load(t, environment("DT_SIGNATURE_SECRET", "", "DT_ORGANIZATION_ID", "o")); !r.Verification.Secret.IsZero() || r.Verification.Organization != "o" {
		t.Errorf("verification %+v", r.Verification)
	}
	// White space is no label rule.
	if r := load(t, environment("DT_ENCODING", "raw", "DT_LABELS", " ")); r.Encoding != event.RawBody {
		t.Errorf("encoding %v", r.Encoding)
	}
}

func TestLoadReceiveWarnings(t *testing.T) {
	tests := []struct {
		changes []string
		want    string // "" for none
	}{
		{[]string{"DT_SIGNATURE_SECRET_PREVIOUS", current}, "DT_SIGNATURE_SECRET_PREVIOUS: the same as DT_SIGNATURE_SECRET, so it has no effect"},
		{[]string{"DT_SIGNATURE_SECRET", "fifteen bytes.."}, "DT_SIGNATURE_SECRET: shorter than 16 bytes: such a secret can be guessed"},
		{[]string{"DT_SIGNATURE_SECRET", "sixteen bytes..."}, ""},
		{[]string{"DT_SIGNATURE_SECRET_PREVIOUS", "short"}, "DT_SIGNATURE_SECRET_PREVIOUS: shorter than 16 bytes: such a secret can be guessed"},
		{[]string{"DT_SIGNATURE_SECRET", `"0123456789abcdef"`}, "DT_SIGNATURE_SECRET: begins and ends with a quotation mark, which is taken as a part of the secret"},
		{[]string{"DT_SIGNATURE_SECRET", `'0123456789abcdef"`}, ""},
		{[]string{"DT_SIGNATURE_SECRET", `"0123456789abcdef`}, ""},
		{[]string{"DT_FORWARD_SECRET", forward}, "DT_FORWARD_SECRET: has no effect: no sink signs with it"},
		{[]string{"DT_FORWARD_SECRET", forward, "DT_DEAD_LETTER", "https://h"}, ""},
		{[]string{"DT_FORWARD_SECRET", current, "DT_SINK", "https://h"}, "DT_FORWARD_SECRET: the same as DT_SIGNATURE_SECRET: whoever verifies what is forwarded could forge DT's events"},
		{
			[]string{"DT_FORWARD_SECRET", previous, "DT_SIGNATURE_SECRET_PREVIOUS", previous, "DT_SINK", "https://h"},
			"DT_FORWARD_SECRET: the same as DT_SIGNATURE_SECRET_PREVIOUS: whoever verifies what is forwarded could forge DT's events",
		},
		{[]string{"DT_OIDC_ISSUER", "https://issuer.example"}, "DT_OIDC_ISSUER: has no effect without DT_ORGANIZATION_ID"},
		{[]string{"DT_SIGNATURE_SECRET", "", "DT_ORGANIZATION_ID", "o", "DT_ALLOW_SHA1", "true"}, "DT_ALLOW_SHA1: has no effect without DT_SIGNATURE_SECRET"},
		{[]string{"DT_SIGNATURE_SECRET", "", "DT_ORGANIZATION_ID", "o", "DT_ALLOW_SHA1", "false"}, ""},
		{[]string{"DT_EVENT_TYPES", "touch, radiation"}, `DT_EVENT_TYPES: "radiation" is not known to this version; it is taken as it is`},
		{[]string{"DT_DEVICE_TYPES", "radiation"}, `DT_DEVICE_TYPES: "radiation" is not known to this version; it is taken as it is`},
		{[]string{"DT_LABELS_SELECTOR", "x"}, "DT_LABELS_SELECTOR: unknown, so it has no effect; the nearest known name is DT_LABEL_SELECTOR"},
		{[]string{"DT_SIGNATUR_SECRET", "x"}, "DT_SIGNATUR_SECRET: unknown, so it has no effect; the nearest known name is DT_SIGNATURE_SECRET"},
		{[]string{"dt_sink", "x"}, "dt_sink: unknown, so it has no effect; the nearest known name is DT_SINK"},
		{[]string{"DT_PORT", "x"}, "DT_PORT: unknown, so it has no effect; the nearest known name is PORT"},
		{[]string{"DT_SINKS", ""}, "DT_SINKS: unknown, so it has no effect; the nearest known name is DT_SINK"},
		{[]string{"DT_SINK\nx", "x"}, `"DT_SINK\nx": unknown, so it has no effect; the nearest known name is DT_SINK`},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.changes, " "), func(t *testing.T) {
			r := load(t, environment(tt.changes...))
			if got := strings.Join(r.Warnings, "|"); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// The previous secret is dropped when it is the current one: a request would only
// be tried with it twice.
func TestLoadReceiveSamePrevious(t *testing.T) {
	if r := load(t, environment("DT_SIGNATURE_SECRET_PREVIOUS", current)); !r.Verification.PreviousSecret.IsZero() {
		t.Error("the previous secret is the current one")
	}
}

// A mistyped name is likely what is behind the fault: both are told.
func TestLoadReceiveWarningsBesideError(t *testing.T) {
	r, err := settings.LoadReceive(environment("DT_SINK", "", "DT_SINKS", "stdout:"), drivers{})
	if err == nil || len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "DT_SINKS: ") {
		t.Errorf("got %q, %v", r.Warnings, err)
	}
	// Of a list that is wrong nothing more can be said.
	other, err := settings.LoadReceive(environment("DT_SINK", "gopher://h", "DT_FORWARD_SECRET", forward), drivers{})
	if err == nil || len(other.Warnings) != 0 {
		t.Errorf("got %q, %v", other.Warnings, err)
	}
	r.Warnings = nil
	if r.Filter != nil || r.Sinks != nil || !r.Verification.Secret.IsZero() || r.Verification.Issuer != "" {
		t.Errorf("settings beside an error: %+v", r)
	}
}

// The environment is only read.
func TestLoadReceiveLeavesEnvironment(t *testing.T) {
	env := environment("DT_LABELS", " x ")
	before := maps.Clone(env)
	load(t, env)
	if !maps.Equal(env, before) {
		t.Errorf("changed to %q", env)
	}
}

// problems returns those in err, which must be an *Error.
func problems(t *testing.T, err error) []settings.Problem {
	t.Helper()
	var e *settings.Error
	if !errors.As(fmt.Errorf("start: %w", err), &e) {
		t.Fatalf("%v is not an Error", err)
	}
	return e.Problems
}
