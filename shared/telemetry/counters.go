package telemetry

import (
	"context"
	"sync"
	"sync/atomic"
)

const (
	// maxCodes is how many different outcomes, and how many different reasons,
	// are counted apart. There are far fewer; the limit keeps a mistake from
	// growing memory without end.
	maxCodes = 64
	// OtherCode is the name under which codes beyond the limit are counted, and
	// receipts without an outcome.
	OtherCode = "other"
)

// Counters is an Observer that counts. The zero value is ready for use; it must
// not be copied.
type Counters struct {
	outcomes       tally
	reasons        tally
	bytes          atomic.Uint64
	previousSecret atomic.Uint64
	latency        histogram
}

// Received counts r.
func (c *Counters) Received(_ context.Context, r Receipt) {
	c.outcomes.add(r.Outcome)
	if r.Reason != "" {
		c.reasons.add(r.Reason)
	}
	c.bytes.Add(uint64(max(r.Bytes, 0)))
	if r.PreviousSecret {
		c.previousSecret.Add(1)
	}
	c.latency.add(r.Latency)
}

// A Snapshot is what Counters have counted since they were made.
type Snapshot struct {
	// Outcomes and Reasons are numbers of requests by Receipt.Outcome and by
	// Receipt.Reason. Codes that never came are absent.
	Outcomes map[string]uint64
	Reasons  map[string]uint64
	// Bytes is the length of all bodies together.
	Bytes uint64
	// PreviousSecret is how many requests only the previous secret fitted. When
	// it stops growing, the change of the secret has reached the connector.
	PreviousSecret uint64
	// Latency is how long the answers took.
	Latency Histogram
}

// Snapshot returns the present counts. Each number is right for itself; while
// events come in, they may be a few events apart from one another.
func (c *Counters) Snapshot() Snapshot {
	return Snapshot{
		Outcomes:       c.outcomes.counts(),
		Reasons:        c.reasons.counts(),
		Bytes:          c.bytes.Load(),
		PreviousSecret: c.previousSecret.Load(),
		Latency:        c.latency.snapshot(),
	}
}

// Total is the number of requests.
func (s Snapshot) Total() uint64 {
	var total uint64
	for _, n := range s.Outcomes {
		total += n
	}
	return total
}

// A tally counts codes, at most maxCodes different ones apart.
type tally struct {
	mu    sync.RWMutex
	codes map[string]*atomic.Uint64
	other atomic.Uint64
}

func (t *tally) add(code string) {
	t.mu.RLock()
	n := t.codes[code]
	t.mu.RUnlock()
	if n == nil {
		n = t.insert(code)
	}
	n.Add(1)
}

// insert returns the count of a code that was not there a moment ago.
func (t *tally) insert(code string) *atomic.Uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.codes[code]; n != nil {
		return n
	}
	if len(t.codes) >= maxCodes || code == OtherCode || code == "" {
		return &t.other
	}
	if t.codes == nil {
		t.codes = make(map[string]*atomic.Uint64)
	}
	n := new(atomic.Uint64)
	t.codes[code] = n
	return n
}

func (t *tally) counts() map[string]uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	counts := make(map[string]uint64, len(t.codes)+1)
	for code, n := range t.codes {
		counts[code] = n.Load()
	}
	if n := t.other.Load(); n > 0 {
		counts[OtherCode] = n
	}
	return counts
}
