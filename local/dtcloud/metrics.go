package dtcloud

import (
	"math"
	"time"
)

const (
	// metricsSpan is the time that metrics look back, as DT's :metrics call does.
	metricsSpan = 3 * time.Hour
	// slotSpan is how much of it goes into one slot: the oldest slot falls out as
	// a whole.
	slotSpan = 5 * time.Minute
	slots    = int(metricsSpan / slotSpan)

	// Latencies are kept as counts by their size, each size being latencyGrowth
	// of the one before: exact enough for a percentile, and of fixed memory.
	latencyLeast  = 50 * time.Microsecond
	latencyGrowth = 1.08
	latencySizes  = 180 // up to 50 s
)

// Metrics are what DT's :metrics call tells of a connector: the last 3 hours.
type Metrics struct {
	// SuccessCount is how many attempts were answered with 200, ErrorCount how
	// many were not.
	SuccessCount, ErrorCount int64
	// Latency99p is what 99 of 100 attempts did not take longer than, in real
	// time, to 8 %.
	Latency99p time.Duration
}

// Metrics returns the metrics of a connector.
func (c *Cloud) Metrics(name string) (Metrics, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return Metrics{}, err
	}
	return conn.metrics.sum(c.clock.Now()), nil
}

// A window counts the attempts of the last 3 hours.
type window [slots]slot

type slot struct {
	number          int64 // of the span, counted from 1970; 0 if never used
	success, errors int64
	latencies       [latencySizes]uint32
}

func slotNumber(t time.Time) int64 { return t.Unix() / int64(slotSpan/time.Second) }

func (w *window) add(now time.Time, success bool, latency time.Duration) {
	n := slotNumber(now)
	s := &w[n%int64(slots)]
	if s.number != n {
		*s = slot{number: n}
	}
	if success {
		s.success++
	} else {
		s.errors++
	}
	s.latencies[latencySize(latency)]++
}

func (w *window) sum(now time.Time) Metrics {
	var m Metrics
	var latencies [latencySizes]int64
	oldest := slotNumber(now) - int64(slots) + 1
	for i := range w {
		if w[i].number < oldest {
			continue
		}
		m.SuccessCount += w[i].success
		m.ErrorCount += w[i].errors
		for size, n := range w[i].latencies {
			latencies[size] += int64(n)
		}
	}
	most := (m.SuccessCount + m.ErrorCount) * 99
	var seen int64
	for size, n := range latencies {
		seen += n
		if n > 0 && seen*100 >= most {
			m.Latency99p = time.Duration(float64(latencyLeast) * math.Pow(latencyGrowth, float64(size)))
			break
		}
	}
	return m
}

// latencySize returns the smallest size that is not below latency.
func latencySize(latency time.Duration) int {
	if latency <= latencyLeast {
		return 0
	}
	size := math.Ceil(math.Log(float64(latency)/float64(latencyLeast)) / math.Log(latencyGrowth))
	return min(int(size), latencySizes-1)
}
