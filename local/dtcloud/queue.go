package dtcloud

import "time"

// keepTrying is how long an event is delivered again after it came (DT:
// Introduction to Data Connectors).
const keepTrying = 12 * time.Hour

// An entry is one event in the queue of one connector. The event itself is shared.
type entry struct {
	record  *record
	labels  []string // keys of the labels to include, shared by all entries
	arrived time.Time
	attempt int // attempts so far
	// duplicate marks one that is sent once more, after or beside the real
	// entry, and whose fate nobody cares for.
	duplicate bool
	// era is the queue's when the entry came: entries of an era that is over
	// have been given up.
	era int
}

func (e *entry) expires() time.Time { return e.arrived.Add(keepTrying) }

// A queue holds what a connector has yet to deliver. An entry is in exactly one of
// three places: ready, on the cloud's agenda to become ready, or in the hands of a
// worker.
type queue struct {
	ready      []*entry
	workers    int
	era        int
	pending    int // entries, without duplicates
	duplicates int
	held       int // of pending, in the hands of workers
	heldTwins  int // of duplicates, in the hands of workers
}

// offer queues r for conn, if conn is to have it. c.mu is held.
func (c *Cloud) offer(conn *connector, r *record) {
	if !conn.wants(r.eventType) {
		return
	}
	if !conn.active() {
		conn.stats.Missed++
		return
	}
	conn.stats.Sent++
	conn.queue.pending++
	c.unsettled++
	now := c.clock.Now()
	e := &entry{record: r, labels: conn.spec.Labels, arrived: now, era: conn.queue.era}
	c.ready(conn, e, c.holdBack(conn, e))
}

// ready makes e ready after a pause, unless the queue has been given up by then.
func (c *Cloud) ready(conn *connector, e *entry, pause time.Duration) {
	if pause <= 0 {
		conn.queue.ready = append(conn.queue.ready, e)
		c.dispatch(conn)
		return
	}
	c.schedule(c.clock.Now().Add(pause), func() {
		if e.era == conn.queue.era {
			conn.queue.ready = append(conn.queue.ready, e)
			c.dispatch(conn)
		}
	})
}

// take returns the next entry to deliver, or nil. Entries that became too old
// while they waited are given up.
func (c *Cloud) take(conn *connector) *entry {
	q := &conn.queue
	now := c.clock.Now()
	for len(q.ready) > 0 {
		e := q.ready[0]
		q.ready[0] = nil
		q.ready = q.ready[1:]
		if now.Before(e.expires()) {
			q.hold(e, 1)
			return e
		}
		if !e.duplicate {
			conn.stats.Expired++
		}
		c.forget(conn, e)
	}
	return nil
}

// hold counts e as being in the hands of a worker (1), or no longer (-1).
func (q *queue) hold(e *entry, n int) {
	if e.duplicate {
		q.heldTwins += n
	} else {
		q.held += n
	}
}

// forget drops e, which is in no worker's hands.
func (c *Cloud) forget(conn *connector, e *entry) {
	if e.duplicate {
		conn.queue.duplicates--
	} else {
		conn.queue.pending--
	}
	c.settle(1)
}

// giveUp drops everything but what is in the hands of workers, and returns how
// many events that were.
func (c *Cloud) giveUp(conn *connector) int {
	q := &conn.queue
	q.era++
	q.ready = nil
	lost, twins := q.pending-q.held, q.duplicates-q.heldTwins
	q.pending, q.duplicates = q.held, q.heldTwins
	c.settle(lost + twins)
	return lost
}
