package telemetry

import (
	"sync/atomic"
	"time"
)

// latencyBounds reach from an event that is filtered in memory to the 10 seconds
// that DT waits for an answer.
var latencyBounds = [...]time.Duration{
	100 * time.Microsecond,
	250 * time.Microsecond,
	500 * time.Microsecond,
	1 * time.Millisecond,
	2500 * time.Microsecond,
	5 * time.Millisecond,
	10 * time.Millisecond,
	25 * time.Millisecond,
	50 * time.Millisecond,
	100 * time.Millisecond,
	250 * time.Millisecond,
	500 * time.Millisecond,
	1 * time.Second,
	2500 * time.Millisecond,
	5 * time.Second,
	10 * time.Second,
}

// A Histogram says how long many things took.
type Histogram struct {
	// Buckets have rising bounds, the same ones in every Histogram. What took
	// longer than the last bound is in Count alone.
	Buckets []Bucket
	// Count is how many there were.
	Count uint64
	// Sum is the time of all together.
	Sum time.Duration
	// Max is the longest.
	Max time.Duration
}

// A Bucket says how many took at most UpTo. Each includes the ones before it, as
// Prometheus has them.
type Bucket struct {
	UpTo  time.Duration
	Count uint64
}

// Mean is the average; 0 when there was none.
func (h Histogram) Mean() time.Duration {
	if h.Count == 0 {
		return 0
	}
	return h.Sum / time.Duration(h.Count)
}

// histogram is the one that is counted in. Its buckets do not include one
// another, so that adding touches one of them; the last is for what is beyond
// all bounds.
type histogram struct {
	buckets [len(latencyBounds) + 1]atomic.Uint64
	sum     atomic.Int64
	max     atomic.Int64
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0) // a clock may have been set back
	i := 0
	for i < len(latencyBounds) && d > latencyBounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
	for {
		longest := h.max.Load()
		if int64(d) <= longest || h.max.CompareAndSwap(longest, int64(d)) {
			return
		}
	}
}

func (h *histogram) snapshot() Histogram {
	s := Histogram{
		Buckets: make([]Bucket, len(latencyBounds)),
		Sum:     time.Duration(h.sum.Load()),
		Max:     time.Duration(h.max.Load()),
	}
	for i, bound := range latencyBounds {
		s.Count += h.buckets[i].Load()
		s.Buckets[i] = Bucket{UpTo: bound, Count: s.Count}
	}
	s.Count += h.buckets[len(latencyBounds)].Load()
	return s
}
