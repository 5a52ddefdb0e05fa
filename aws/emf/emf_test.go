package emf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/emf"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC) }

func ExampleNewObserver() {
	o := emf.NewObserver(os.Stdout, "dt-receive", clock)
	o.Received(context.Background(), telemetry.Receipt{Outcome: telemetry.OutcomeAccepted, EventID: "not shown", Latency: 1250 * time.Microsecond})
	// Output:
	// {"_aws":{"Timestamp":1772366400005,"CloudWatchMetrics":[{"Namespace":"dt-functions","Dimensions":[["function"]],"Metrics":[{"Name":"accepted","Unit":"Count"},{"Name":"latency","Unit":"Milliseconds"}]}]},"accepted":1,"function":"dt-receive","latency":1.25}
}

// Every metric that a line announces is a number in it, as the specification demands.
func TestSpecification(t *testing.T) {
	for _, r := range []telemetry.Receipt{
		{Outcome: telemetry.OutcomeRetry, Latency: time.Minute},
		{Outcome: telemetry.OutcomeDeadLettered, PreviousSecret: true},
		{},
	} {
		var b bytes.Buffer
		emf.NewObserver(&b, "f", clock).Received(t.Context(), r)
		var line map[string]any
		if err := json.Unmarshal(b.Bytes(), &line); err != nil || strings.Count(b.String(), "\n") != 1 {
			t.Fatalf("%v: %q", err, b.String())
		}
		d := line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
		want := 2
		if r.PreviousSecret {
			want = 3
		}
		metrics := d["Metrics"].([]any)
		if len(metrics) != want {
			t.Errorf("%d metrics, want %d: %s", len(metrics), want, b.String())
		}
		for _, m := range metrics {
			name := m.(map[string]any)["Name"].(string)
			if _, ok := line[name].(float64); !ok || name == "" {
				t.Errorf("metric %q has the value %v", name, line[name])
			}
		}
		if !reflect.DeepEqual(d["Dimensions"], []any{[]any{"function"}}) || line["function"] != "f" {
			t.Errorf("dimensions: %s", b.String())
		}
	}
}

// pieces keeps each Write apart.
type pieces struct{ writes []string }

func (p *pieces) Write(b []byte) (int, error) {
	p.writes = append(p.writes, string(b))
	return len(b), nil
}

func TestConcurrent(t *testing.T) {
	var p pieces
	o := emf.NewObserver(&p, "f", nil)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { o.Received(t.Context(), telemetry.Receipt{Outcome: "accepted"}) })
	}
	group.Wait()
	for _, w := range p.writes {
		if !json.Valid([]byte(w)) || !strings.HasSuffix(w, "\n") {
			t.Errorf("not one line: %q", w)
		}
	}
	if len(p.writes) != 20 {
		t.Errorf("%d lines", len(p.writes))
	}
}
