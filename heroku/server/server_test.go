package main_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func fileSink(t *testing.T) (variable, path string) {
	path = filepath.Join(t.TempDir(), "events.ndjson")
	return "DT_SINK=file://" + filepath.ToSlash(path), path
}

func TestServes(t *testing.T) {
	variable, path := fileSink(t)
	p := start(t, variable, "METRICS_PORT=0")
	s := newSender(t)
	status, body, err := s.post(p.address, "e1")
	if err != nil || status != 200 || body != `{"outcome":"accepted","eventId":"e1"}` {
		t.Errorf("post: %d %s, %v", status, body, err)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 405, "/metrics": 404, "/other": 404} {
		if status, _ := get(t, p.address, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if status, _ := get(t, p.metrics, "/"); status != 404 {
		t.Errorf("the metrics' port serves more than metrics: %d", status)
	}
	families := scrape(t, p)
	for outcome, want := range map[string]float64{"accepted": 1, "bad-method": 1, "bad-path": 2, "retry": 0} {
		if got := counter(families, outcome); got != want {
			t.Errorf("%s: %v", outcome, got)
		}
	}
	if families["dtfn_ready"].Metric[0].Gauge.GetValue() != 1 || families["dtfn_schedule_leader"] != nil {
		t.Errorf("ready %v, leader %v", families["dtfn_ready"], families["dtfn_schedule_leader"])
	}
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.text())
	}
	stored, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(stored, []byte(`"e1"`)) {
		t.Errorf("stored %s, %v", stored, err)
	}
	secrettest.CheckHidden(t, "the log", p.text(), secretText)
}

func scrape(t *testing.T, p *process) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get("http://" + p.metrics + "/metrics")
	must(t, err)
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	must(t, err)
	return families
}

func counter(families map[string]*dto.MetricFamily, outcome string) float64 {
	for _, m := range families["dtfn_requests_total"].Metric {
		if m.Label[0].GetValue() == outcome {
			return m.Counter.GetValue()
		}
	}
	return -1
}

// Told to stop, the server first says that it is not ready, still takes events for a
// moment, and finishes what it has begun.
func TestStopsInGoodOrder(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	first := sync.OnceFunc(func() { close(entered) })
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		first()
		<-release
	}))
	defer slow.Close()
	p := start(t, "DT_SINK="+slow.URL, "DT_FORWARD_SECRET=another-secret-of-length")
	s := newSender(t)
	type result struct {
		status int
		err    error
	}
	answers := make(chan result, 2)
	post := func(id string) {
		status, _, err := s.post(p.address, id)
		answers <- result{status, err}
	}
	go post("begun-before")
	<-entered
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	awaitStatus(t, p.address, "/readyz", 503)
	if status, body := get(t, p.address, "/healthz"); status != 200 {
		t.Errorf("healthz while stopping: %d %s", status, body)
	}
	go post("begun-while-stopping")
	select {
	case <-p.ended:
		t.Fatal("ended with requests under way")
	case r := <-answers:
		t.Fatalf("answered before the sink had it: %+v", r)
	default:
	}
	close(release)
	for range 2 {
		if r := <-answers; r.err != nil || r.status != 200 {
			t.Errorf("answer %+v", r)
		}
	}
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.text())
	}
}

// A second signal stops at once.
func TestStopsAtOnce(t *testing.T) {
	variable, _ := fileSink(t)
	p := start(t, variable)
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	awaitStatus(t, p.address, "/readyz", 503)
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("ended with %v", p.cmd.ProcessState)
	}
}

// All that is wrong is said at once, without any secret, before anything starts.
func TestWrongSettings(t *testing.T) {
	marker := "s3cr3t-MARK-2"
	for name, c := range map[string]struct {
		args []string
		env  []string
		code int
		want []string
	}{
		"everything": {
			env: []string{
				"PORT=x", "METRICS_PORT=y", "DT_SCHEDULE=sync=0 3 * *; dance=@hourly", "DT_SINK=", "DT_EVENT_TYPES=Temperature!",
			},
			code: 2,
			want: []string{"PORT: ", "METRICS_PORT: ", "has 4 fields", "there are sync, configure, recover", "DT_SINK: not set", "DT_EVENT_TYPES: "},
		},
		"one port for both": {env: []string{"PORT=8080", "METRICS_PORT=8080", "DT_SINK=stdout:"}, code: 2, want: []string{"METRICS_PORT: the same as PORT"}},
		"no database":       {env: []string{"DT_SINK=postgres:"}, code: 1, want: []string{"DT_SINK: sink postgres:", "DATABASE_URL, which is not set"}},
		"a wrong database": {
			env: []string{"DT_SINK=stdout:", "DT_SCHEDULE=sync=@daily", "DATABASE_URL=mysql://u:" + marker + "@h/d"}, code: 2,
			want: []string{"DATABASE_URL: ", "does not begin with postgres://"},
		},
		"a wrong password": {env: []string{"DT_SINK=postgres://u:" + marker + "/x@h/d"}, code: 2, want: []string{"DT_SINK: "}},
		"a function that is set wrong": {
			env: []string{"DT_SINK=stdout:", "DT_SCHEDULE=sync=@daily; configure=@daily"}, code: 2,
			want: []string{"server: DT_CONNECTORS: not set", "DT_SERVICE_ACCOUNT_KEY_ID: "},
		},
		"a function run once": {args: []string{"sync"}, code: 2, want: []string{"DT_CONNECTORS: ", "DT_SERVICE_ACCOUNT_SECRET: "}},
		"no such function":    {args: []string{"dance"}, code: 2, want: []string{"sync, configure, recover"}},
		"too many":            {args: []string{"sync", "recover"}, code: 2, want: []string{"wrong arguments"}},
		"port taken":          {env: []string{"DT_SINK=stdout:"}, code: 1, want: []string{"PORT: "}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(t, c.args, c.env...)
			if name == "port taken" {
				taken, err := net.Listen("tcp", ":0")
				must(t, err)
				defer taken.Close()
				cmd.Env = append(cmd.Env, fmt.Sprintf("PORT=%d", taken.Addr().(*net.TCPAddr).Port))
			}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			_ = cmd.Run() // its code tells
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("no %q in\n%s", want, &stderr)
				}
			}
			if lines := strings.Split(strings.TrimSpace(stderr.String()), "\n"); len(slices.Compact(slices.Sorted(slices.Values(lines)))) != len(lines) {
				t.Errorf("said twice:\n%s", &stderr)
			}
			secrettest.CheckHidden(t, "the message", stderr.String(), marker)
			secrettest.CheckHidden(t, "the message", stderr.String(), secretText)
		})
	}
}

func TestVersion(t *testing.T) {
	out, err := command(t, []string{"version"}).Output()
	if err != nil || strings.TrimSpace(string(out)) == "" {
		t.Errorf("%q, %v", out, err)
	}
}
