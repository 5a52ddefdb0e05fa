package dtcloud

import (
	"fmt"
	"time"
)

// Stats counts what a connector did. Events are distinct ones:
// Sent = Delivered + Expired + Lost + Pending.
type Stats struct {
	// Sent is how many events were queued.
	Sent int64 `json:"sent"`
	// Delivered is how many of them the receiver acknowledged, with any 2xx.
	Delivered int64 `json:"delivered"`
	// Expired is how many were given up after 12 hours.
	Expired int64 `json:"expired"`
	// Lost is how many were queued when the connector was disabled.
	Lost int64 `json:"lost"`
	// Pending is how many are queued or under way.
	Pending int64 `json:"pending"`
	// Missed is how many events came while the connector was disabled, and so
	// were never queued.
	Missed int64 `json:"missed"`

	// Attempts is how many requests were made, of all kinds.
	Attempts int64 `json:"attempts"`
	// Retried is how many of them were for an event that had been tried before.
	Retried int64 `json:"retried"`
	// Duplicates is how many of them were sent once more for no reason.
	Duplicates int64 `json:"duplicates"`
	// Corrupted is how many of them had a wrong signature or a wrong body.
	Corrupted int64 `json:"corrupted"`
	// DroppedAnswers is how many acknowledgements a fault threw away.
	DroppedAnswers int64 `json:"droppedAnswers"`
}

// Stats returns the sum over all connectors.
func (c *Cloud) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sum Stats
	for _, conn := range c.connectors {
		sum.add(conn.currentStats())
	}
	return sum
}

// ConnectorStats returns the counts of one connector.
func (c *Cloud) ConnectorStats(name string) (Stats, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connector(name)
	if err != nil {
		return Stats{}, err
	}
	return conn.currentStats(), nil
}

func (conn *connector) currentStats() Stats {
	s := conn.stats
	s.Pending = int64(conn.queue.pending)
	return s
}

func (s *Stats) add(o Stats) {
	s.Sent += o.Sent
	s.Delivered += o.Delivered
	s.Expired += o.Expired
	s.Lost += o.Lost
	s.Pending += o.Pending
	s.Missed += o.Missed
	s.Attempts += o.Attempts
	s.Retried += o.Retried
	s.Duplicates += o.Duplicates
	s.Corrupted += o.Corrupted
	s.DroppedAnswers += o.DroppedAnswers
}

// An Attempt is one request that was made, for Config.Observe.
type Attempt struct {
	Connector string // its name
	Device    string // its name
	EventID   string
	EventType string
	Time      time.Time // simulated, when it began
	// Number is 1 for the first attempt of the event.
	Number int
	// Status is the answer's; 0 if there was none.
	Status int
	// Err is why there was none.
	Err error
	// Latency is real time.
	Latency time.Duration
	// Acknowledged is true when the event is done with.
	Acknowledged bool
	// Duplicate, Corrupted and AnswerDropped are what a fault did.
	Duplicate, Corrupted, AnswerDropped bool
}

func (j *job) observed(o outcome) Attempt {
	r := j.entry.record
	return Attempt{
		Connector:     j.connector,
		Device:        r.device.name,
		EventID:       r.id,
		EventType:     r.eventType,
		Time:          j.time,
		Number:        j.number,
		Status:        o.status,
		Err:           o.err,
		Latency:       o.latency,
		Acknowledged:  o.acknowledged(),
		Duplicate:     j.entry.duplicate,
		Corrupted:     j.fate.corrupted(),
		AnswerDropped: o.dropped,
	}
}

// String returns a one-line summary.
func (s Stats) String() string {
	return fmt.Sprintf("sent %d, delivered %d, pending %d, expired %d, lost %d, missed %d; attempts %d: retried %d, duplicates %d, corrupted %d, answers dropped %d",
		s.Sent, s.Delivered, s.Pending, s.Expired, s.Lost, s.Missed,
		s.Attempts, s.Retried, s.Duplicates, s.Corrupted, s.DroppedAnswers)
}
