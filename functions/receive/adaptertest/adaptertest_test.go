package adaptertest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// breakage is how a server of the tests is broken, by the name of the variable that
// asks for it.
const breakageVariable = "ADAPTERTEST_BREAKAGE"

// start starts a server in this process. It is broken if breakage says so.
func start(breakage string) func(t *testing.T, s adaptertest.Start) adaptertest.Target {
	return func(t *testing.T, s adaptertest.Start) adaptertest.Target {
		drivers := func(signer *signature.Signer) sink.Drivers {
			d := sink.Portable{Signer: signer}.Drivers()
			if s.Faulty {
				d["panic"] = adaptertest.PanicSink
			}
			return d
		}
		set, err := settings.LoadReceive(s.Env, drivers(nil))
		if err != nil {
			t.Fatal(err)
		}
		f, err := receive.Open(t.Context(), set, receive.Parts{Drivers: drivers, Path: "/"})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(receivehttp.NewHandler(broken{f, breakage}))
		t.Cleanup(func() {
			server.Close()
			_ = f.Close()
		})
		return adaptertest.HTTPTarget{URL: server.URL + "/"}
	}
}

// broken is an adapter with a fault.
type broken struct {
	next     receivehttp.Receiver
	breakage string
}

func (b broken) Handle(ctx context.Context, r receive.Request) receive.Answer {
	switch b.breakage {
	case "changes the body":
		r.Body = []byte(strings.TrimSpace(string(r.Body)))
	case "loses a header":
		r.Header = map[string][]string{"X-Dt-Signature": {http.Header(r.Header).Get("X-Dt-Signature")}}
	case "accepts without a sink":
		return receive.Answer{Status: 200, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"outcome":"accepted"}`)}
	}
	answer := b.next.Handle(ctx, r)
	switch b.breakage {
	case "loses the answer's headers":
		answer.Header = nil
	case "answers 500 for 503":
		if answer.Status == 503 {
			answer.Status = 500
		}
	}
	return answer
}

func TestSuite(t *testing.T) {
	adaptertest.Run(t, adaptertest.Platform{Name: "net/http", Start: start(os.Getenv(breakageVariable))})
}

// The suite fails for adapters that are broken: the test binary runs it on each.
func TestSuiteFindsFaults(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, breakage := range []string{"changes the body", "loses a header", "accepts without a sink", "loses the answer's headers", "answers 500 for 503"} {
		t.Run(breakage, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestSuite$")
			cmd.Env = append(os.Environ(), breakageVariable+"="+breakage)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestSuite/") {
				t.Errorf("it passes: %v\n%s", err, out)
			}
		})
	}
}

// The table shows every platform's answers, and what is missing.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	var out strings.Builder
	if err := adaptertest.Table(&out, dir); err == nil {
		t.Error("a table of nothing")
	}
	cases := adaptertest.Cases()
	if len(cases) < 60 {
		t.Errorf("%d cases", len(cases))
	}
	seen := make(map[string]bool)
	for _, c := range cases {
		if seen[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		seen[c.Name] = true
	}
	if err := os.WriteFile(dir+"/x.json", []byte(`{"Platform":"x","Results":{"`+cases[0].Name+`":"200 accepted","`+cases[1].Name+`":"— it has none","`+cases[2].Name+`":"FAILED"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	err := adaptertest.Table(&out, dir)
	if err == nil || !strings.Contains(err.Error(), "x: "+cases[2].Name) || !strings.Contains(err.Error(), cases[3].Name) || strings.Contains(err.Error(), cases[1].Name) {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"request", "200 accepted", "— (1)", "(1) it has none"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
