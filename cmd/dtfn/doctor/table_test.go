package doctor_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/settings"
)

var update = flag.Bool("update", false, "write the golden files anew")

// changing is what differs from run to run.
var changing = []struct {
	pattern *regexp.Regexp
	put     string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+/dt`), "https://receive.example/dt"},
	{regexp.MustCompile(`dataconnectors/[a-z0-9]{20}`), "dataconnectors/c0000000000000000000"},
}

func TestTable(t *testing.T) {
	filtered := settings.Environment{"DT_EVENT_TYPES": "touch,temperature", "DT_LABEL_SELECTOR": "floor in (1,2)"}
	for name, p := range map[string]plan{
		"healthy": {
			settings:   filtered,
			connector:  dtcloud.Connector{Events: []string{"touch", "temperature"}, Labels: []string{"floor", "name"}},
			deployment: wanted(doctor.Wanted{Labels: &[]string{"name", "floor"}}),
		},
		"sick": {
			settings:      filtered,
			endpointAhead: -10 * time.Minute, connectorSecret: otherSecret,
			connector: dtcloud.Connector{Events: []string{"touch"}, Labels: []string{"name"}, Status: dtcloud.StatusUserDisabled},
			deployment: func(d *doctor.Deployment) {
				d.Sinks = []string{"shelf://main", "shelf://other"}
				delete(d.Schedules, "recover")
			},
			config: func(c *doctor.Config) { c.Wait = 50 * time.Millisecond },
		},
		"down": {serve: answering(502, ""), deployment: func(d *doctor.Deployment) { d.Cloud = "aws" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, p)
			var out bytes.Buffer
			table := doctor.NewTable(&out, false)
			for _, r := range w.run(t) {
				for _, c := range changing {
					r.Subject, r.Found, r.Remedy = c.pattern.ReplaceAllString(r.Subject, c.put), c.pattern.ReplaceAllString(r.Found, c.put), c.pattern.ReplaceAllString(r.Remedy, c.put)
				}
				table.Add(r)
			}
			table.End()
			for line := range strings.Lines(out.String()) {
				if utf8.RuneCountInString(line) > 101 {
					t.Errorf("too long for most terminals: %s", line)
				}
			}
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || out.String() != string(want) {
				t.Errorf("%v\n%s\nwant\n%s", err, out.String(), want)
			}
		})
	}
}

func TestTableColours(t *testing.T) {
	var out bytes.Buffer
	table := doctor.NewTable(&out, true)
	table.Add(doctor.Result{Check: doctor.CheckEvent, Status: doctor.Fail, Found: "found", Remedy: "remedy"})
	table.End()
	const want = "\x1b[31mFAIL  \x1b[0mevent                 found\n                            → remedy\n\n1 fault. Begin with event.\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
