package command_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
)

// A result is what a run of dtfn did.
type result struct {
	code           int
	stdout, stderr string
}

// A call is a run of dtfn to be made.
type call struct {
	args  []string
	env   []string
	stdin string
	now   time.Time // zero means the wall clock
}

func (c call) run(ctx context.Context) result {
	var stdout, stderr bytes.Buffer
	p := command.Process{
		Args: c.args, Environ: c.env, Stdin: strings.NewReader(c.stdin), Stdout: &stdout, Stderr: &stderr,
	}
	if !c.now.IsZero() {
		p.Now = func() time.Time { return c.now }
	}
	code := command.Run(ctx, p)
	return result{code, stdout.String(), stderr.String()}
}

func dtfn(t *testing.T, args ...string) result {
	t.Helper()
	return call{args: args}.run(t.Context())
}

func TestHelpNamesEveryCommandAndExitCode(t *testing.T) {
	got := dtfn(t, "--help")
	for _, want := range []string{"run ", "receive ", "send ", "verify ", "events ", "connector ", "sync ", "configure ", "recover ", "doctor ", "cloud ", "completion ", "Exit codes:", "  2  ", "--json"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the help does not say %q:\n%s", want, got.stdout)
		}
	}
	if got.code != 0 {
		t.Errorf("exit code %d", got.code)
	}
}

func TestMisuse(t *testing.T) {
	tests := []struct {
		args []string
		says string
	}{
		{[]string{"fly"}, "fly"},
		{[]string{"run", "--speed", "fast"}, "speed"},
		{[]string{"run", "--speed", "-1", "--listen", "127.0.0.1:0"}, "--speed"},
		{[]string{"run", "extra"}, "extra"},
		{[]string{"send"}, "arg"},
		{[]string{"send", "--repeat", "0", "http://127.0.0.1:1"}, "--repeat"},
		{[]string{"send", "--label", "x", "http://127.0.0.1:1"}, "key=value"},
		{[]string{"send", "--data", "{", "http://127.0.0.1:1"}, "--data"},
		{[]string{"send", "--body", "no/such/file", "http://127.0.0.1:1"}, "--body"},
		{[]string{"send", "--key", "no/such/file", "http://127.0.0.1:1"}, "--key"},
		{[]string{"verify"}, "--secret"},
		{[]string{"verify", "--secret", "s", "--at", "noon"}, "RFC 3339"},
		{[]string{"verify", "--secret", "s", "--header", "no colon"}, "Name: value"},
		{[]string{"verify", "--secret", "s", "no/such/file"}, "no/such/file"},
		{[]string{"verify", "--jwks", "x"}, "--organization"},
		{[]string{"verify", "--organization", "o", "--jwks", "no/such/file"}, "--jwks"},
		{[]string{"verify", "--organization", "o", "--issuer", "http://example.com"}, "--issuer"},
		{[]string{"receive"}, "DT_SIGNATURE_SECRET"},
		{[]string{"run", "--simulator=false", "--listen", "127.0.0.1:0"}, "DT_SIGNATURE_SECRET"},
		{[]string{"events", "--since", "noon"}, "--since"},
		{[]string{"events", "--store", "no/such/store.db"}, "no/such/store.db"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			got := dtfn(t, test.args...)
			if got.code != 2 || got.stdout != "" || !strings.Contains(got.stderr, test.says) {
				t.Errorf("code %d, stdout %q, stderr %q; want 2 and %q", got.code, got.stdout, got.stderr, test.says)
			}
			if got := dtfn(t, append(test.args, "--json")...); !strings.HasPrefix(got.stderr, `{"error":"misused","message":`) {
				t.Errorf("with --json: %q", got.stderr)
			}
		})
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := dtfn(t, "completion", shell); got.code != 0 || !strings.Contains(got.stdout, "dtfn") {
			t.Errorf("%s: code %d, %.80q", shell, got.code, got.stdout)
		}
	}
}
