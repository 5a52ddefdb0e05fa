package settings_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestLoadReceiveFaults(t *testing.T) {
	long := strings.Repeat("ø", 81)
	tests := []struct {
		name    string
		changes []string
		want    []string // problems' variables and faults; a * at the end is for any text
	}{
		{"nothing to verify with", []string{"DT_SIGNATURE_SECRET", ""}, []string{
			"DT_SIGNATURE_SECRET: not set, and neither is DT_ORGANIZATION_ID: no event could be verified, so none would be accepted",
		}},
		{"white space is no organization", []string{"DT_SIGNATURE_SECRET", "", "DT_ORGANIZATION_ID", " "}, []string{
			"DT_SIGNATURE_SECRET: not set, and neither is DT_ORGANIZATION_ID: no event could be verified, so none would be accepted",
		}},
		{"previous secret alone", []string{"DT_SIGNATURE_SECRET", "", "DT_SIGNATURE_SECRET_PREVIOUS", previous, "DT_ORGANIZATION_ID", "o"}, []string{
			"DT_SIGNATURE_SECRET_PREVIOUS: set without DT_SIGNATURE_SECRET; the secret in use belongs there",
		}},
		{"line break after a secret", []string{"DT_SIGNATURE_SECRET", current + "\n"}, []string{
			"DT_SIGNATURE_SECRET: white space, a line break or another invisible character before or after the secret; remove it",
		}},
		{"line break after an unused secret", []string{"DT_FORWARD_SECRET", forward + "\r\n"}, []string{
			"DT_FORWARD_SECRET: white space, a line break or another invisible character before or after the secret; remove it",
		}},
		{"space before a secret", []string{"DT_SIGNATURE_SECRET_PREVIOUS", " " + current}, []string{
			"DT_SIGNATURE_SECRET_PREVIOUS: white space, a line break or another invisible character before or after the secret; remove it",
		}},
		{"byte order mark before a secret", []string{"DT_SIGNATURE_SECRET", "\ufeff" + current}, []string{
			"DT_SIGNATURE_SECRET: white space, a line break or another invisible character before or after the secret; remove it",
		}},
		{"line break in a secret", []string{"DT_SIGNATURE_SECRET", current + "\n" + current}, []string{
			"DT_SIGNATURE_SECRET: a line break or another control character in the secret; remove it",
		}},
		{"a secret of white space", []string{"DT_SIGNATURE_SECRET", " \t\u00a0"}, []string{
			"DT_SIGNATURE_SECRET: nothing but white space",
		}},
		{"unresolved references", []string{
			"DT_SIGNATURE_SECRET", "aws-secretsmanager://arn:aws:secretsmanager:" + current,
			"DT_SIGNATURE_SECRET_PREVIOUS", "AWS-SSM://" + current,
			"DT_FORWARD_SECRET", "@Microsoft.KeyVault(SecretUri=https://" + current + ")",
		}, []string{
			"DT_SIGNATURE_SECRET: a reference (aws-secretsmanager://…) that nothing has put the secret in place of; check that this platform resolves it and may read it",
			"DT_SIGNATURE_SECRET_PREVIOUS: a reference (aws-ssm://…) that nothing has put the secret in place of; check that this platform resolves it and may read it",
			"DT_FORWARD_SECRET: a reference (@Microsoft.KeyVault(…) that nothing has put the secret in place of; check that this platform resolves it and may read it",
		}},
		{"organization's prefix alone", []string{"DT_ORGANIZATION_ID", "organizations/"}, []string{`DT_ORGANIZATION_ID: "organizations/" is not an organization's id`}},
		{"organization in quotes", []string{"DT_ORGANIZATION_ID", `"o"`}, []string{`DT_ORGANIZATION_ID: "\"o\"" is not an organization's id`}},
		{"two organizations", []string{"DT_ORGANIZATION_ID", "a,b"}, []string{`DT_ORGANIZATION_ID: "a,b" is not an organization's id`}},
		{"a project as organization", []string{"DT_ORGANIZATION_ID", "projects/a"}, []string{`DT_ORGANIZATION_ID: "projects/a" is not an organization's id`}},
		{"an organization alone, and wrong", []string{"DT_SIGNATURE_SECRET", "", "DT_ORGANIZATION_ID", "a b"}, []string{`DT_ORGANIZATION_ID: "a b" is not an organization's id`}},
		{"issuer not https", []string{"DT_ORGANIZATION_ID", "o", "DT_OIDC_ISSUER", "http://issuer.example"}, []string{`DT_OIDC_ISSUER: "http://issuer.example" is not https`}},
		{"issuer on a host that begins like this one", []string{"DT_OIDC_ISSUER", "http://localhost.example"}, []string{`DT_OIDC_ISSUER: "http://localhost.example" is not https`}},
		{"issuer with a query", []string{"DT_OIDC_ISSUER", "https://issuer.example?x"}, []string{`DT_OIDC_ISSUER: "https://issuer.example" has a query or a fragment`}},
		{"issuer with an empty fragment", []string{"DT_OIDC_ISSUER", "https://issuer.example/#"}, []string{`DT_OIDC_ISSUER: "https://issuer.example/" has a query or a fragment`}},
		{"issuer with a password", []string{"DT_OIDC_ISSUER", "https://u:" + current + "@issuer.example"}, []string{
			`DT_OIDC_ISSUER: "https://[redacted]@issuer.example" has a user name or a password`,
		}},
		{"issuer without a host", []string{"DT_OIDC_ISSUER", "https://:80/"}, []string{`DT_OIDC_ISSUER: "https://:80/" is not a URL with a host`}},
		{"issuer without a scheme", []string{"DT_OIDC_ISSUER", "issuer.example/x"}, []string{`DT_OIDC_ISSUER: "issuer.example/x" is not a URL with a host`}},
		{"issuer not a URL", []string{"DT_OIDC_ISSUER", "https://u:" + current + "%@issuer.example:x"}, []string{
			`DT_OIDC_ISSUER: "https://[redacted]@issuer.example:x" is not a URL with a host`,
		}},
		{"neither true nor false", []string{"DT_ALLOW_SHA1", "yes"}, []string{`DT_ALLOW_SHA1: "yes" is neither true nor false`}},
		{"a long value", []string{"DT_ALLOW_SHA1", long}, []string{`DT_ALLOW_SHA1: "` + long[:160] + `…" is neither true nor false`}},
		{"names of types", []string{"DT_EVENT_TYPES", "Touch,,a b,", "DT_DEVICE_TYPES", "tempratur", "DT_PROJECTS", "projects/a/devices/b, " + long + "/"}, []string{
			`DT_EVENT_TYPES: unknown event type "Touch"*`,
			`DT_EVENT_TYPES: empty event type*`,
			`DT_EVENT_TYPES: event type "a b"*`,
			`DT_EVENT_TYPES: empty event type*`,
			`DT_DEVICE_TYPES: unknown device type "tempratur"*`,
			`DT_PROJECTS: project "projects/a/devices/b"*`,
			`DT_PROJECTS: project "` + long[:160] + `…"*`,
		}},
		{"a list of nothing is not all", []string{"DT_EVENT_TYPES", ",", "DT_PROJECTS", " , "}, []string{
			`DT_EVENT_TYPES: empty event type*`,
			`DT_PROJECTS: empty project*`,
		}},
		{"label syntax", []string{"DT_LABEL_SELECTOR", " a=b c", "DT_LABELS", "a=", "DT_LABEL_DEFAULTS", "a"}, []string{
			"DT_LABEL_SELECTOR: character 6: *", "DT_LABELS: character 3: *", "DT_LABEL_DEFAULTS: character 2: *",
		}},
		{"default for a label that does not go on", []string{"DT_LABELS", "a", "DT_LABEL_DEFAULTS", "a=1,b=1"}, []string{"DT_LABEL_DEFAULTS: character 5: *"}},
		{"line breaks", []string{"DT_LABELS", "\"a\u2028b\u2029\" ;"}, []string{"DT_LABELS: character 8: *"}},
		{"label rules in raw", []string{"DT_ENCODING", "raw", "DT_LABELS", "a", "DT_LABEL_DEFAULTS", "a=b"}, []string{
			"DT_ENCODING: raw is the body as it was received, to which the rules of DT_LABELS cannot be applied",
			"DT_ENCODING: raw is the body as it was received, to which the rules of DT_LABEL_DEFAULTS cannot be applied",
		}},
		{"label default in raw", []string{"DT_ENCODING", "raw", "DT_LABEL_DEFAULTS", "a=b"}, []string{
			"DT_ENCODING: raw is the body as it was received, to which the rules of DT_LABEL_DEFAULTS cannot be applied",
		}},
		{"encoding", []string{"DT_ENCODING", "json"}, []string{`DT_ENCODING: "json" is not an encoding`}},
		{"no sink", []string{"DT_SINK", " "}, []string{"DT_SINK: not set"}},
		{"empty sinks", []string{"DT_SINK", "stdout:,,"}, []string{`DT_SINK: "" is empty`}},
		{"sink of no driver", []string{"DT_SINK", "stdout:, gopher://h/x?secret"}, []string{`DT_SINK: "gopher://h/x" has a scheme that is not known here`}},
		{"sink of no driver with a password", []string{"DT_SINK", "gopher://u:" + current + "@h"}, []string{`DT_SINK: URL 1 has a scheme that is not known here`}},
		{"sink without a scheme", []string{"DT_SINK", "stdout"}, []string{`DT_SINK: "stdout" has a scheme that is not known here`}},
		{"sink twice", []string{"DT_SINK", "stdout:, stdout:"}, []string{`DT_SINK: "stdout:" is there twice, so every event would be too`}},
		{"refused by the driver", []string{"DT_SINK", "https:x", "DT_FORWARD_SECRET", forward}, []string{`DT_SINK: "https:x" is not accepted: no host`}},
		{"refused by the driver, with a password", []string{"DT_SINK", "stdout:,https://u:" + current + "@/x", "DT_FORWARD_SECRET", forward}, []string{
			`DT_SINK: URL 2 is not accepted: no host`,
		}},
		{"sink not a URL", []string{"DT_SINK", "http://h:port"}, []string{
			`DT_SINK: "http://h:port" is not a URL; in a user name or a password, characters other than letters and digits are written percent-encoded`,
		}},
		{"two dead-letter sinks", []string{"DT_DEAD_LETTER", "stdout:,stdout:"}, []string{"DT_DEAD_LETTER: has a comma in it, but takes one URL only"}},
		{"dead-letter sink of no driver", []string{"DT_DEAD_LETTER", "gopher://u:" + current + "@h"}, []string{
			`DT_DEAD_LETTER: "gopher://[redacted]@h" has a scheme that is not known here`,
		}},
		{"nothing to sign with", []string{"DT_SINK", "HTTPS://h"}, []string{"DT_FORWARD_SECRET: not set, but the https:// sink in DT_SINK signs with it"}},
		{"nothing to sign dead letters with", []string{"DT_DEAD_LETTER", "https://h"}, []string{"DT_FORWARD_SECRET: not set, but the https:// sink in DT_DEAD_LETTER signs with it"}},
		{"level", []string{"DT_LOG_LEVEL", "info+1"}, []string{`DT_LOG_LEVEL: "info+1" is not a level`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := settings.LoadReceive(environment(tt.changes...), drivers{})
			var got []string
			for i, p := range problems(t, err) {
				text := p.Variable + ": " + p.Fault
				if i < len(tt.want) {
					if start, open := strings.CutSuffix(tt.want[i], "*"); open && strings.HasPrefix(text, start) {
						text = tt.want[i]
					}
				}
				got = append(got, text)
				if p.Accepted == "" {
					t.Errorf("%s: it does not say what is accepted", p.Variable)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return strings.ContainsRune("\n\r\u2028\u2029", r) }); len(lines) != len(got) {
				t.Errorf("%d lines, want %d: %q", len(lines), len(got), lines)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), current)
		})
	}
}

// A password that was not percent-encoded makes another URL than was meant, or
// two, or none. No part of it is shown.
func TestLoadReceivePasswordsInPieces(t *testing.T) {
	for _, between := range []string{"", "/", "@", ":", "?", "#", "%", "%zz", ",", " ", "\n", "\x7f", "://", ",https://", ",ss:", "@h/", "/@"} {
		password := "11first-half11" + between + "second-half22"
		for _, numeric := range []bool{false, true} {
			if numeric { // it could be a port
				password = "11111" + between + "22222"
			}
			for _, scheme := range []string{"https", "gopher", "nothing", ""} {
				text := scheme + "://user:" + password + "@host.example/path"
				for _, changes := range [][]string{
					{"DT_SINK", text}, {"DT_SINK", "stdout:, " + text}, {"DT_SINK", text + ",gopher://x"},
					{"DT_DEAD_LETTER", text}, {"DT_OIDC_ISSUER", text},
				} {
					r, err := settings.LoadReceive(environment(append(changes, "DT_LOG_LEVEL", "x")...), drivers{})
					shown := err.Error() + strings.Join(r.Warnings, "\n")
					for _, part := range []string{"11first-half11", "second-half22", "11111", "22222"} {
						if strings.Contains(shown, part) {
							t.Errorf("%s=%q shows %q:\n%s", changes[0], changes[1], part, shown)
						}
					}
				}
			}
		}
	}
}

// One message with everything that can be wrong at once.
func TestErrorGolden(t *testing.T) {
	_, err := settings.LoadReceive(settings.Environment{
		"DT_SIGNATURE_SECRET":          current + "\n",
		"DT_SIGNATURE_SECRET_PREVIOUS": "aws-ssm://" + current,
		"DT_ORGANIZATION_ID":           "organizations/a/b\nsecond line",
		"DT_OIDC_ISSUER":               "http://issuer.example",
		"DT_ALLOW_SHA1":                "sure",
		"DT_EVENT_TYPES":               "temprature,,Touch",
		"DT_DEVICE_TYPES":              "a b",
		"DT_PROJECTS":                  "projects/",
		"DT_LABEL_SELECTOR":            "floor in (1,2, customer",
		"DT_LABELS":                    "floor, name=",
		"DT_LABEL_DEFAULTS":            "floor",
		"DT_SINK":                      "sqs://queue,https://u:" + current + "@host.example,https:///",
		"DT_DEAD_LETTER":               "file:///a,file:///b",
		"DT_ENCODING":                  "raw",
		"DT_LOG_LEVEL":                 strings.Repeat("verbose", 20),
	}, drivers{})
	got := err.Error() + "\n"
	secrettest.CheckHidden(t, "the error", got, current)
	const golden = "testdata/error.golden.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", golden, got)
	}
}
