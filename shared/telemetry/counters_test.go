package telemetry_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

func TestCountersZero(t *testing.T) {
	var c telemetry.Counters
	s := c.Snapshot()
	if s.Total() != 0 || len(s.Outcomes) != 0 || len(s.Reasons) != 0 || s.Bytes != 0 || s.PreviousSecret != 0 ||
		s.Latency.Count != 0 || s.Latency.Sum != 0 || s.Latency.Max != 0 || s.Latency.Mean() != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestCounters(t *testing.T) {
	var c telemetry.Counters
	for _, r := range []telemetry.Receipt{
		{Outcome: telemetry.OutcomeAccepted, Bytes: 100, Latency: 2 * time.Millisecond},
		{Outcome: telemetry.OutcomeAccepted, Bytes: 50, Latency: 4 * time.Millisecond, PreviousSecret: true},
		{Outcome: telemetry.OutcomeUnauthorized, Reason: "token-expired", Bytes: -1},
		{Outcome: telemetry.OutcomeUnauthorized, Reason: "signature-missing"},
		{Outcome: telemetry.OutcomeUnauthorized, Reason: "token-expired"},
		{},
		{Outcome: telemetry.OtherCode},
	} {
		c.Received(t.Context(), r)
	}
	s := c.Snapshot()
	if want := map[string]uint64{"accepted": 2, "unauthorized": 3, "other": 2}; !maps.Equal(s.Outcomes, want) {
		t.Errorf("outcomes %v, want %v", s.Outcomes, want)
	}
	if want := map[string]uint64{"token-expired": 2, "signature-missing": 1}; !maps.Equal(s.Reasons, want) {
		t.Errorf("reasons %v, want %v", s.Reasons, want)
	}
	if s.Total() != 7 || s.Latency.Count != 7 || s.Bytes != 150 || s.PreviousSecret != 1 {
		t.Errorf("got %+v", s)
	}
	if s.Latency.Sum != 6*time.Millisecond || s.Latency.Max != 4*time.Millisecond || s.Latency.Mean() != 6*time.Millisecond/7 {
		t.Errorf("latency %+v", s.Latency)
	}
}

func TestCountersBuckets(t *testing.T) {
	var c telemetry.Counters
	for _, d := range []time.Duration{-time.Hour, 0, 100 * time.Microsecond, 100*time.Microsecond + 1, 10 * time.Second, 10*time.Second + 1, time.Hour} {
		c.Received(t.Context(), telemetry.Receipt{Latency: d})
	}
	h := c.Snapshot().Latency
	for i, b := range h.Buckets {
		want := uint64(4)
		switch b.UpTo {
		case 100 * time.Microsecond:
			want = 3
		case 10 * time.Second:
			want = 5
		}
		if b.Count != want {
			t.Errorf("up to %v: %d, want %d", b.UpTo, b.Count, want)
		}
		if i > 0 && b.UpTo <= h.Buckets[i-1].UpTo {
			t.Errorf("bounds do not rise at %v", b.UpTo)
		}
	}
	if h.Count != 7 || h.Max != time.Hour || len(h.Buckets) == 0 {
		t.Errorf("got %+v", h)
	}
}

// A code that is not out of a small set does not grow memory.
func TestCountersBounded(t *testing.T) {
	var c telemetry.Counters
	const n = 1000
	for i := range n {
		c.Received(t.Context(), telemetry.Receipt{Outcome: "accepted", Reason: fmt.Sprint(i)})
	}
	c.Received(t.Context(), telemetry.Receipt{Outcome: "accepted", Reason: "0"})
	s := c.Snapshot()
	if len(s.Reasons) != 65 || s.Reasons[telemetry.OtherCode] != n-64 || s.Reasons["0"] != 2 || s.Outcomes["accepted"] != n+1 {
		t.Errorf("%d reasons, %d other, %d of the first, outcomes %v", len(s.Reasons), s.Reasons[telemetry.OtherCode], s.Reasons["0"], s.Outcomes)
	}
}

// A snapshot is the caller's own.
func TestCountersSnapshotApart(t *testing.T) {
	var c telemetry.Counters
	c.Received(t.Context(), telemetry.Receipt{Outcome: "accepted", Reason: "r", Latency: 1})
	s := c.Snapshot()
	s.Outcomes["accepted"], s.Reasons["r"], s.Latency.Buckets[0].Count = 9, 9, 9
	if s = c.Snapshot(); s.Outcomes["accepted"] != 1 || s.Reasons["r"] != 1 || s.Latency.Buckets[0].Count != 1 {
		t.Errorf("got %+v", s)
	}
}

func TestCountersConcurrent(t *testing.T) {
	var c telemetry.Counters
	const workers, each = 8, 500
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := range each {
				c.Received(t.Context(), telemetry.Receipt{
					Outcome: fmt.Sprint("o", i%5), Reason: fmt.Sprint("r", i%100), Bytes: 1, Latency: time.Duration(w*each + i), PreviousSecret: i%2 == 0,
				})
				if i%50 == 0 {
					c.Snapshot()
				}
			}
		})
	}
	group.Wait()
	s := c.Snapshot()
	var reasons uint64
	for _, n := range s.Reasons {
		reasons += n
	}
	const total = workers * each
	if s.Total() != total || reasons != total || s.Bytes != total || s.PreviousSecret != total/2 ||
		s.Latency.Count != total || s.Latency.Sum != total*(total-1)/2 || s.Latency.Max != total-1 {
		t.Errorf("got %+v", s)
	}
	for i := range 5 {
		if n := s.Outcomes[fmt.Sprint("o", i)]; n != total/5 {
			t.Errorf("outcome o%d: %d", i, n)
		}
	}
}

// recorder is an Observer that keeps what it was told, in an order all share.
type recorder struct {
	name string
	log  *[]string
}

func (r recorder) Received(_ context.Context, receipt telemetry.Receipt) {
	*r.log = append(*r.log, r.name+" "+receipt.Outcome)
}

func TestTee(t *testing.T) {
	var log []string
	tee := telemetry.Tee(recorder{"a", &log}, nil, recorder{"b", &log})
	tee.Received(t.Context(), telemetry.Receipt{Outcome: "accepted"})
	telemetry.Tee().Received(t.Context(), telemetry.Receipt{})
	if fmt.Sprint(log) != "[a accepted b accepted]" {
		t.Errorf("got %q", log)
	}
}

func BenchmarkCounters(b *testing.B) {
	var c telemetry.Counters
	ctx := context.Background()
	receipt := telemetry.Receipt{Outcome: telemetry.OutcomeFiltered, Reason: "event-type", Bytes: 731, Latency: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		c.Received(ctx, receipt)
	}
}
