// Package emf writes metrics into the log in CloudWatch's embedded metric format
// (CloudWatch User Guide, "Specification: Embedded metric format"): CloudWatch makes
// metrics of these lines, with nothing to call and nothing to wait for.
package emf

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// Namespace is where CloudWatch shows the metrics.
const Namespace = "dt-functions"

// Dimension is the one dimension of the metrics: the function's name. Its value is the
// name of the Lambda function.
const Dimension = "function"

const (
	// MetricLatency is how long an answer took, in milliseconds.
	MetricLatency = "latency"
	// MetricPreviousSecret counts requests that were signed with another secret than
	// the current one.
	MetricPreviousSecret = "previous-secret"
)

// NewObserver returns an Observer that writes one line a request to w: a count of 1
// under the name of its outcome ("accepted", "retry", "unauthorized" and so on), and
// its latency. What never happens has no line, and so no metric. now is the clock; nil
// means time.Now. Each line is one Write.
func NewObserver(w io.Writer, function string, now func() time.Time) telemetry.Observer {
	if now == nil {
		now = time.Now
	}
	return &observer{w: w, function: function, now: now}
}

type observer struct {
	function string
	now      func() time.Time

	mu sync.Mutex
	w  io.Writer
}

type metric struct {
	Name string
	Unit string
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metadata struct {
	Timestamp         int64 // milliseconds
	CloudWatchMetrics []directive
}

// Received implements [telemetry.Observer].
func (o *observer) Received(_ context.Context, r telemetry.Receipt) {
	outcome := r.Outcome
	if outcome == "" {
		outcome = telemetry.OtherCode
	}
	d := directive{
		Namespace: Namespace, Dimensions: [][]string{{Dimension}},
		Metrics: []metric{{outcome, "Count"}, {MetricLatency, "Milliseconds"}},
	}
	line := map[string]any{
		Dimension: o.function, outcome: 1,
		// To the microsecond.
		MetricLatency: math.Round(float64(r.Latency)/float64(time.Microsecond)) / 1000,
	}
	if r.PreviousSecret {
		d.Metrics = append(d.Metrics, metric{MetricPreviousSecret, "Count"})
		line[MetricPreviousSecret] = 1
	}
	line["_aws"] = metadata{Timestamp: o.now().UnixMilli(), CloudWatchMetrics: []directive{d}}
	text, err := json.Marshal(line)
	if err != nil {
		return // numbers and short texts always encode
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	// A log that cannot be written must not fail an event.
	_, _ = o.w.Write(append(text, '\n'))
}
