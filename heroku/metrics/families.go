package metrics

import (
	"maps"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/dt-functions/dt-functions/heroku/schedule"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// outcomes are there from the start, at 0: a rate is only seen of a number that was
// there before.
func outcomes() []string {
	return []string{
		telemetry.OutcomeAccepted, telemetry.OutcomeFiltered, telemetry.OutcomeDuplicate, telemetry.OutcomeDeadLettered,
		telemetry.OutcomeUnauthorized, telemetry.OutcomeTooLarge, telemetry.OutcomeUnsupported, telemetry.OutcomeUnreadable,
		telemetry.OutcomeBadMethod, telemetry.OutcomeBadPath, telemetry.OutcomeRetry, telemetry.OutcomeError,
	}
}

// Requests returns what became of the requests.
func Requests(s telemetry.Snapshot) []Family {
	counts := make(map[string]uint64)
	for _, o := range outcomes() {
		counts[o] = 0
	}
	maps.Copy(counts, s.Outcomes)
	return []Family{
		{"dtfn_requests_total", "Requests, by what became of them.", Counter, byCode("outcome", counts)},
		{"dtfn_request_reasons_total", "Requests that have a reason beside their outcome, by it.", Counter, byCode("reason", s.Reasons)},
		single("dtfn_request_body_bytes_total", "Bytes of all bodies.", Counter, float64(s.Bytes)),
		single("dtfn_requests_previous_secret_total", "Requests that only the previous secret fitted.", Counter, float64(s.PreviousSecret)),
		{"dtfn_request_duration_seconds", "How long the answers took.", Histogram, histogram(s.Latency)},
	}
}

// Schedule returns what was run by the schedule.
func Schedule(s schedule.Stats) []Family {
	runs := Family{Name: "dtfn_schedule_runs_total", Help: "Scheduled runs of this instance, by their result.", Kind: Counter}
	last := Family{Name: "dtfn_schedule_last_success_timestamp_seconds", Help: "When the last run of this instance succeeded.", Kind: Gauge}
	for _, name := range slices.Sorted(maps.Keys(s.Functions)) {
		f := s.Functions[name]
		runs.Samples = append(runs.Samples,
			Sample{Labels: []Label{{"function", name}, {"result", "succeeded"}}, Value: float64(f.Succeeded)},
			Sample{Labels: []Label{{"function", name}, {"result", "failed"}}, Value: float64(f.Failed)})
		if !f.LastSuccess.IsZero() {
			last.Samples = append(last.Samples, Sample{Labels: []Label{{"function", name}}, Value: seconds(f.LastSuccess)})
		}
	}
	if len(s.Functions) == 0 {
		return nil
	}
	return []Family{single("dtfn_schedule_leader", "1 on the instance that runs the schedule.", Gauge, flag(s.Leading)), runs, last}
}

// Process returns what there is to say of the process.
func Process(version string, started time.Time, ready bool) []Family {
	build := Sample{Labels: []Label{{"version", version}, {"goversion", runtime.Version()}}, Value: 1}
	return []Family{
		single("dtfn_ready", "1 while events can be stored, as the last check found.", Gauge, flag(ready)),
		{"dtfn_build_info", "What was built, of which the value is 1.", Gauge, []Sample{build}},
		single("process_start_time_seconds", "When the process started.", Gauge, seconds(started)),
		single("go_goroutines", "Goroutines.", Gauge, float64(runtime.NumGoroutine())),
	}
}

func single(name, help string, kind Kind, value float64) Family {
	return Family{name, help, kind, []Sample{{Value: value}}}
}

func byCode(label string, counts map[string]uint64) []Sample {
	var samples []Sample
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		samples = append(samples, Sample{Labels: []Label{{label, code}}, Value: float64(counts[code])})
	}
	return samples
}

func histogram(h telemetry.Histogram) []Sample {
	var samples []Sample
	for _, b := range h.Buckets {
		bound := strconv.FormatFloat(b.UpTo.Seconds(), 'g', -1, 64)
		samples = append(samples, Sample{"_bucket", []Label{{"le", bound}}, float64(b.Count)})
	}
	return append(samples,
		Sample{"_bucket", []Label{{"le", "+Inf"}}, float64(h.Count)},
		Sample{"_sum", nil, h.Sum.Seconds()},
		Sample{"_count", nil, float64(h.Count)})
}

func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
