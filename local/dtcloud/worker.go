package dtcloud

// dispatch sets workers to what is ready, as many as the connector may have.
// c.mu is held.
func (c *Cloud) dispatch(conn *connector) {
	for c.run != nil && !c.run.ended && len(conn.queue.ready) > 0 && conn.queue.workers < c.config.Concurrency {
		j := c.nextJob(conn)
		if j == nil {
			return
		}
		conn.queue.workers++
		c.run.workers.Add(1)
		go c.work(c.run, conn, j, c.clock.Hold())
	}
}

// work delivers j and then what else is ready, until nothing is or Run ends. The
// clock is held meanwhile.
func (c *Cloud) work(r *run, conn *connector, j *job, release func()) {
	defer r.workers.Done()
	defer release()
	for j != nil {
		outcome := c.deliver(r.ctx, j)
		if c.config.Observe != nil && !outcome.interrupted {
			c.config.Observe(j.observed(outcome))
		}
		c.mu.Lock()
		c.conclude(conn, j, outcome)
		j = nil
		if !r.ended {
			j = c.nextJob(conn)
		}
		if j == nil {
			conn.queue.workers--
		}
		c.mu.Unlock()
	}
}

// nextJob takes an entry off the queue and prepares its next attempt; nil when
// nothing is ready. c.mu is held.
func (c *Cloud) nextJob(conn *connector) *job {
	e := c.take(conn)
	if e == nil {
		return nil
	}
	e.attempt++
	j := &job{
		connector: conn.spec.Name,
		target:    conn.target,
		entry:     e,
		number:    e.attempt,
		time:      c.clock.Now(),
	}
	j.fate, j.luck = c.draw(conn, e)
	if e.attempt == 1 && !e.duplicate && j.fate.duplicate {
		c.addTwin(conn, e, j.luck)
	}
	return j
}
