package dtcloud

import "time"

// disableAfter is how long a connector may fail without a success before the cloud
// disables it (DT: Configuring a Data Connector).
const disableAfter = 5 * 24 * time.Hour

// conclude counts what came of a job and decides what becomes of its entry. c.mu
// is held.
func (c *Cloud) conclude(conn *connector, j *job, o outcome) {
	e, q := j.entry, &conn.queue
	q.hold(e, -1)
	current := e.era == q.era
	if o.interrupted && current {
		e.attempt--
		q.ready = append([]*entry{e}, q.ready...)
		return
	}
	if !o.interrupted {
		conn.count(c.clock.Now(), j, o)
	}
	switch {
	case e.duplicate:
		c.forget(conn, e)
	case o.acknowledged():
		conn.stats.Delivered++
		c.forget(conn, e)
	case !current:
		conn.stats.Lost++
		c.forget(conn, e)
	default:
		c.retry(conn, e, j)
	}
	if o.interrupted || !current {
		return
	}
	c.judge(conn, o)
}

// count adds an attempt to the statistics and metrics.
func (conn *connector) count(now time.Time, j *job, o outcome) {
	s := &conn.stats
	s.Attempts++
	switch {
	case j.entry.duplicate:
		s.Duplicates++
	case j.number > 1:
		s.Retried++
	}
	if o.dropped {
		s.DroppedAnswers++
	}
	if j.fate.corrupted() {
		s.Corrupted++
	}
	conn.metrics.add(now, o.succeeded(), o.latency)
}

// retry lets e be tried again after a pause, or be given up when its time is over.
func (c *Cloud) retry(conn *connector, e *entry, j *job) {
	pause := c.config.Retry.pause(e.attempt, j.luck)
	left := e.expires().Sub(c.clock.Now())
	// At the end it becomes ready once more, to be found too old.
	c.ready(conn, e, min(pause, left))
}

// judge disables a connector that has been failing for too long.
func (c *Cloud) judge(conn *connector, o outcome) {
	now := c.clock.Now()
	switch {
	case o.succeeded():
		conn.failing = time.Time{}
	case conn.failing.IsZero():
		conn.failing = now
	case now.Sub(conn.failing) >= disableAfter:
		c.setStatus(conn, StatusSystemDisabled)
	}
}

// setStatus changes a connector's status. c.mu is held.
func (c *Cloud) setStatus(conn *connector, status Status) {
	if conn.spec.Status == status {
		return
	}
	conn.spec.Status = status
	conn.failing = time.Time{}
	if status != StatusActive {
		conn.stats.Lost += int64(c.giveUp(conn))
	}
}
