package settings_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// FuzzLoadReceive: whatever is in the environment, nothing panics, no secret is
// told, each problem is on one line, and what loads keeps its promises.
func FuzzLoadReceive(f *testing.F) {
	f.Add("DT_SIGNATURE_SECRET=x\x00DT_SINK=stdout:")
	f.Add("DT_SIGNATURE_SECRET=*\x00DT_SIGNATURE_SECRET_PREVIOUS=*\n\x00DT_SINK=https://h/,file:///x\x00DT_FORWARD_SECRET=*")
	f.Add("DT_SIGNATURE_SECRET=*\x00DT_SIGNATURE_SECRET_PREVIOUS=*x\x00DT_SINK=https://h/\x00DT_FORWARD_SECRET=y*")
	f.Add("DT_ORGANIZATION_ID=organizations/o\x00DT_OIDC_ISSUER=http://[::1]/\x00DT_ALLOW_SHA1=1\x00DT_SINK=stdout:\x00DT_LOG_LEVEL=warn")
	f.Add("DT_ORGANIZATION_ID=organizations/\x00DT_OIDC_ISSUER=https://h?#\x00DT_DEAD_LETTER=https://x%@h")
	f.Add("DT_EVENT_TYPES=touch,temprature,,x\x00DT_DEVICE_TYPES=ccon\x00DT_PROJECTS=projects/p,q\x00DT_ENCODING=raw\x00DT_LABELS=a=b")
	f.Add("DT_LABEL_SELECTOR=floor in (1,2), !x, name=\"Coffee machine\"\x00DT_LABELS=a=b,c\x00DT_LABEL_DEFAULTS=a=1\x00DT_SINK=file:///x%2C")
	f.Add("DT_SIGNATURE_SECRET=aws-ssm://\x00DT_FORWARD_SECRET=@microsoft.keyvault(*)\x00DT_LABELS_SELECTOR=\x00dt_\xff=1\x00DT_SINK=,")
	f.Fuzz(func(t *testing.T, text string) {
		env := settings.FromEnviron(strings.Split(text, "\x00"))
		plant(env)
		r, err := settings.LoadReceive(env, drivers{})
		shown := fmt.Sprintf("%v\n%+v\n%#v\n%s", r, r, r, strings.Join(r.Warnings, "\n"))
		if err != nil {
			shown += err.Error()
			checkProblems(t, err)
		} else {
			checkLoaded(t, env, r)
		}
		if strings.Contains(shown, current) {
			t.Errorf("shows the secret:\n%s", shown)
		}
		for _, w := range r.Warnings {
			if strings.ContainsAny(w, "\n\r\u2028") {
				t.Errorf("warning of many lines: %q", w)
			}
		}
	})
}

// plant leaves the mark only where a secret belongs: in secrets, and in the
// passwords of URLs. In a secret it comes in the place of a star.
func plant(env settings.Environment) {
	for name, value := range env {
		env[name] = strings.ReplaceAll(value, current, "")
		if strings.Contains(name, current) {
			delete(env, name)
		}
	}
	for _, name := range []string{"DT_SIGNATURE_SECRET", "DT_SIGNATURE_SECRET_PREVIOUS", "DT_FORWARD_SECRET"} {
		before, after, _ := strings.Cut(env[name], "*")
		if env[name] != "" {
			env[name] = before + current + after
		}
	}
	for _, name := range []string{"DT_SINK", "DT_DEAD_LETTER", "DT_OIDC_ISSUER"} {
		if scheme, rest, ok := strings.Cut(env[name], "://"); ok {
			env[name] = scheme + "://user:" + current + "@" + rest
		}
	}
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	var e *settings.Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("%v is no Error with problems", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(e.Problems) {
		t.Errorf("%d lines for %d problems:\n%s", len(lines), len(e.Problems), err)
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) > 1000 {
			t.Errorf("a line of %d characters", utf8.RuneCountInString(line))
		}
	}
	for _, p := range e.Problems {
		if p.Variable == "" || p.Fault == "" || p.Accepted == "" {
			t.Errorf("incomplete: %+v", p)
		}
	}
}

func checkLoaded(t *testing.T, env settings.Environment, r settings.Receive) {
	t.Helper()
	v := r.Verification
	if v.Secret.IsZero() && v.Organization == "" {
		t.Error("nothing could be verified")
	}
	if v.Secret.Reveal() != env["DT_SIGNATURE_SECRET"] || v.Secret.IsZero() && !v.PreviousSecret.IsZero() {
		t.Error("the secrets are not those that were set")
	}
	for _, s := range []secret.Text{v.Secret, v.PreviousSecret, r.ForwardSecret} {
		if strings.TrimSpace(s.Reveal()) != s.Reveal() || strings.ContainsAny(s.Reveal(), "\r\n") {
			t.Errorf("secret %q", s.Reveal())
		}
	}
	if u, err := url.Parse(v.Issuer); err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		t.Errorf("issuer %q", v.Issuer)
	}
	if strings.ContainsAny(v.Organization, "/ ,") {
		t.Errorf("organization %q", v.Organization)
	}
	if r.Filter == nil || r.Labels == nil || r.Encoding == event.RawBody && !r.Labels.Identity() {
		t.Errorf("handling %+v", r.Handling)
	}
	if len(r.Sinks) == 0 {
		t.Error("no sink")
	}
	for _, s := range append(r.Sinks, r.DeadLetter) {
		if s.IsZero() {
			continue
		}
		u, err := drivers{}.Check(s.Reveal())
		if err != nil {
			t.Fatalf("sink %q: %v", s.Reveal(), err)
		}
		if u.Scheme == "https" && r.ForwardSecret.IsZero() {
			t.Errorf("nothing to sign with for %q", s)
		}
	}
	if !slices.Contains([]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}, r.LogLevel) {
		t.Errorf("level %v", r.LogLevel)
	}
}
