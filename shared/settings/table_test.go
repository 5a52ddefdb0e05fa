package settings_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
)

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range settings.Table() {
		if v.Name == "" || v.Meaning == "" || v.Accepted == "" || len(v.Functions) == 0 {
			t.Errorf("incomplete: %+v", v)
		}
		if seen[v.Name] {
			t.Errorf("%s is there twice", v.Name)
		}
		seen[v.Name] = true
		if v.Name != "PORT" && !strings.HasPrefix(v.Name, "DT_") {
			t.Errorf("%s has another prefix", v.Name)
		}
		for _, f := range v.Functions {
			if !slices.Contains([]string{"receive", "sync", "configure", "recover"}, f) {
				t.Errorf("%s is for %q", v.Name, f)
			}
		}
		// Each must fit a cell of a table in a document.
		if strings.ContainsAny(v.Meaning+v.Accepted+v.Default, "\n|") {
			t.Errorf("%s has a line break or a bar", v.Name)
		}
		if v.Secret != strings.Contains(v.Name, "SECRET") || v.Secret && v.Default != "" {
			t.Errorf("%s: secret %v, default %q", v.Name, v.Secret, v.Default)
		}
	}
	for _, name := range []string{
		"DT_SIGNATURE_SECRET", "DT_SIGNATURE_SECRET_PREVIOUS", "DT_ORGANIZATION_ID", "DT_OIDC_ISSUER", "DT_ALLOW_SHA1",
		"DT_EVENT_TYPES", "DT_DEVICE_TYPES", "DT_PROJECTS", "DT_LABEL_SELECTOR", "DT_LABELS", "DT_LABEL_DEFAULTS",
		"DT_SINK", "DT_DEAD_LETTER", "DT_FORWARD_SECRET", "DT_ENCODING", "DT_CONNECTORS", "DT_CONNECTOR_CONFIG", "DT_CHECKPOINT",
		"DT_API_URL", "DT_TOKEN_URL", "DT_SERVICE_ACCOUNT_KEY_ID", "DT_SERVICE_ACCOUNT_SECRET", "DT_SERVICE_ACCOUNT_EMAIL",
		"DT_LOG_LEVEL", "PORT",
	} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// What the table says is the default is what an unset variable gives.
func TestTableDefaults(t *testing.T) {
	unset := load(t, environment("DT_ORGANIZATION_ID", "o"))
	for _, v := range settings.Table() {
		if v.Default == "" || !slices.Contains(v.Functions, "receive") || v.Name == "DT_DEAD_LETTER" {
			continue
		}
		set := load(t, environment("DT_ORGANIZATION_ID", "o", v.Name, v.Default))
		if set.Verification.Issuer != unset.Verification.Issuer || set.Verification.AllowSHA1 != unset.Verification.AllowSHA1 ||
			set.Encoding != unset.Encoding || set.LogLevel != unset.LogLevel || len(set.Warnings) != 0 {
			t.Errorf("%s=%s gives %+v", v.Name, v.Default, set)
		}
		if s, err := settings.LoadServer(settings.Environment{v.Name: v.Default}); err != nil || s.Port != 8080 {
			t.Errorf("%s=%s gives %+v, %v", v.Name, v.Default, s, err)
		}
	}
	if unset.Verification.Issuer != signature.DefaultIssuer {
		t.Errorf("issuer %s", unset.Verification.Issuer)
	}
}

// Callers may change what they got.
func TestTableOwn(t *testing.T) {
	settings.Table()[0].Name = "X"
	settings.Table()[0].Functions[0] = "x"
	if v := settings.Table()[0]; v.Name == "X" || v.Functions[0] == "x" {
		t.Errorf("changed to %+v", v)
	}
}

// Every variable that receive reads can be wrong, and then its name is told with
// what the table says is accepted.
func TestTableAccepted(t *testing.T) {
	for _, v := range settings.Table() {
		if !slices.Contains(v.Functions, "receive") {
			continue
		}
		env := environment(v.Name, "\x01 ,", "DT_ENCODING", "\x01")
		_, receive := settings.LoadReceive(env, drivers{})
		_, server := settings.LoadServer(env)
		found := false
		for _, p := range append(problems(t, receive), serverProblems(server)...) {
			if p.Variable == v.Name && strings.HasPrefix(p.Accepted, v.Accepted) {
				found = true
			}
		}
		if !found {
			t.Errorf("%s: %v, %v", v.Name, receive, server)
		}
	}
}

func serverProblems(err error) []settings.Problem {
	var e *settings.Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return nil
}
