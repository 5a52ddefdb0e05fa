package metrics_test

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dt-functions/dt-functions/heroku/metrics"
	"github.com/dt-functions/dt-functions/heroku/schedule"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// parse reads text with Prometheus' own parser.
func parse(t testing.TB, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return families
}

func write(t testing.TB, families ...[]metrics.Family) []byte {
	t.Helper()
	var text bytes.Buffer
	for _, f := range families {
		if err := metrics.Write(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	return text.Bytes()
}

func counted() telemetry.Snapshot {
	var c telemetry.Counters
	for _, r := range []telemetry.Receipt{
		{Outcome: telemetry.OutcomeAccepted, Bytes: 600, Latency: 3 * time.Millisecond},
		{Outcome: telemetry.OutcomeAccepted, Bytes: 700, Latency: 30 * time.Millisecond, PreviousSecret: true},
		{Outcome: telemetry.OutcomeUnauthorized, Reason: "token-expired", Bytes: 5, Latency: 20 * time.Second},
	} {
		c.Received(context.Background(), r)
	}
	return c.Snapshot()
}

func TestRequests(t *testing.T) {
	families := parse(t, write(t, metrics.Requests(counted())))
	if got := len(families["dtfn_requests_total"].Metric); got != 12 {
		t.Errorf("%d outcomes", got)
	}
	for _, m := range families["dtfn_requests_total"].Metric {
		want := map[string]float64{"accepted": 2, "unauthorized": 1}[m.Label[0].GetValue()]
		if m.Label[0].GetName() != "outcome" || m.Counter.GetValue() != want {
			t.Errorf("%v", m)
		}
	}
	if m := families["dtfn_request_reasons_total"].Metric; len(m) != 1 || m[0].Label[0].GetValue() != "token-expired" || m[0].Counter.GetValue() != 1 {
		t.Errorf("reasons %v", m)
	}
	if got := families["dtfn_request_body_bytes_total"].Metric[0].Counter.GetValue(); got != 1305 {
		t.Errorf("bytes %v", got)
	}
	if got := families["dtfn_requests_previous_secret_total"].Metric[0].Counter.GetValue(); got != 1 {
		t.Errorf("previous secret %v", got)
	}
	h := families["dtfn_request_duration_seconds"].Metric[0].Histogram
	if h.GetSampleCount() != 3 || math.Abs(h.GetSampleSum()-20.033) > 1e-9 {
		t.Errorf("histogram %v", h)
	}
	var last uint64
	for _, b := range h.Bucket {
		if b.GetCumulativeCount() < last {
			t.Errorf("bucket %v falls", b)
		}
		last = b.GetCumulativeCount()
	}
	if b := h.Bucket[len(h.Bucket)-1]; !math.IsInf(b.GetUpperBound(), 1) || b.GetCumulativeCount() != 3 {
		t.Errorf("last bucket %v", b)
	}
}

func TestSchedule(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 500e6, time.UTC)
	families := parse(t, write(t, metrics.Schedule(schedule.Stats{
		Leading: true,
		Functions: map[string]schedule.FunctionStats{
			"sync":    {Succeeded: 7, Failed: 2, LastSuccess: at},
			"recover": {},
		},
	})))
	if got := families["dtfn_schedule_leader"].Metric[0].Gauge.GetValue(); got != 1 {
		t.Errorf("leader %v", got)
	}
	got := make(map[string]float64)
	for _, m := range families["dtfn_schedule_runs_total"].Metric {
		got[m.Label[0].GetValue()+" "+m.Label[1].GetValue()] = m.Counter.GetValue()
	}
	if len(got) != 4 || got["sync succeeded"] != 7 || got["sync failed"] != 2 || got["recover succeeded"] != 0 {
		t.Errorf("runs %v", got)
	}
	last := families["dtfn_schedule_last_success_timestamp_seconds"].Metric
	if len(last) != 1 || last[0].Gauge.GetValue() != float64(at.UnixMilli())/1000 {
		t.Errorf("last success %v", last)
	}
	if f := metrics.Schedule(schedule.Stats{}); f != nil {
		t.Errorf("without a schedule: %v", f)
	}
}

func TestProcess(t *testing.T) {
	families := parse(t, write(t, metrics.Process(`v1.2.3 "dirty\`+"\n", time.Unix(1700000000, 0), true)))
	build := families["dtfn_build_info"].Metric[0]
	if build.Label[0].GetValue() != "v1.2.3 \"dirty\\\n" || build.Gauge.GetValue() != 1 {
		t.Errorf("build %v", build)
	}
	if got := families["process_start_time_seconds"].Metric[0].Gauge.GetValue(); got != 1700000000 {
		t.Errorf("start %v", got)
	}
	if got := families["dtfn_ready"].Metric[0].Gauge.GetValue(); got != 1 {
		t.Errorf("ready %v", got)
	}
}

func TestHandler(t *testing.T) {
	h := metrics.Handler(func() []metrics.Family { return metrics.Requests(counted()) })
	get := func(method, path string) *http.Response {
		r := httptest.NewRecorder()
		h.ServeHTTP(r, httptest.NewRequest(method, path, nil))
		return r.Result()
	}
	answer := get("GET", "/metrics")
	if format := expfmt.ResponseFormat(answer.Header); answer.StatusCode != 200 || format.FormatType() != expfmt.TypeTextPlain {
		t.Errorf("%d, %v", answer.StatusCode, answer.Header)
	}
	for path, want := range map[string]int{"/": 404, "/metrics/": 404, "/debug/pprof/": 404} {
		if got := get("GET", path).StatusCode; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := get("POST", "/metrics").StatusCode; got != 405 {
		t.Errorf("POST: %d", got)
	}
}

// The names are what alarms are built on: they do not change unnoticed.
func TestGolden(t *testing.T) {
	got := write(t, metrics.Requests(counted()), metrics.Schedule(schedule.Stats{
		Functions: map[string]schedule.FunctionStats{"recover": {Succeeded: 1, LastSuccess: time.Unix(1700000000, 0)}},
	}))
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("help", "value", 1.5)
	f.Add("a\\b\nc\"d", "\\\n\"", math.Inf(1))
	f.Add("\xff", "\u2028", math.NaN())
	f.Fuzz(func(t *testing.T, help, value string, number float64) {
		text := write(t, []metrics.Family{{Name: "dtfn_x", Help: help, Kind: metrics.Gauge, Samples: []metrics.Sample{
			{Labels: []metrics.Label{{Name: "a", Value: value}, {Name: "b", Value: "c"}}, Value: number},
		}}})
		m := parse(t, text)["dtfn_x"].Metric
		if got := m[0].Gauge.GetValue(); len(m) != 1 || got != number && !math.IsNaN(number) {
			t.Errorf("%v became %v", number, m)
		}
	})
}
