package dtcloud

import (
	"context"
	"sync"
	"time"
)

// stopGrace is how long Run, once stopped, waits for the requests under way, in
// real time.
const stopGrace = 2 * time.Second

// A run is what there is while Run runs.
type run struct {
	ctx     context.Context // of the requests
	workers sync.WaitGroup
	ended   bool
}

// Run lets time pass: sensors emit, connectors deliver, until ctx ends. Requests
// that are then under way get a moment to be answered; those that are not, and all
// that is queued, stay queued for another Run. A virtual clock stands still while
// the cloud does not run. Run returns nil, or ErrRunning when another Run has not
// returned yet.
func (c *Cloud) Run(ctx context.Context) error {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	r := &run{ctx: requests}

	c.mu.Lock()
	if c.run != nil {
		c.mu.Unlock()
		return ErrRunning
	}
	c.run = r
	c.startSensors()
	for _, p := range c.projects {
		for _, conn := range p.connectors {
			c.dispatch(conn)
		}
	}
	c.mu.Unlock()

	for ctx.Err() == nil {
		// The error is that of ctx, which ends the loop.
		_ = c.waiter.Wait(ctx, c.doWhatIsDue())
	}

	c.mu.Lock()
	r.ended = true // no more jobs from here on
	c.mu.Unlock()
	stop := time.AfterFunc(stopGrace, cancel)
	defer stop.Stop()
	r.workers.Wait()
	c.mu.Lock()
	c.run = nil
	c.mu.Unlock()
	return nil
}

// WaitIdle returns when everything that was queued has been delivered or given
// up, or with the error of ctx. Sensors go on meanwhile: see StopSensors. On a
// virtual clock the caller must not hold the clock, or no retry ever comes due.
func (c *Cloud) WaitIdle(ctx context.Context) error {
	c.mu.Lock()
	if c.unsettled == 0 {
		c.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	c.idle = append(c.idle, idle)
	c.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle counts n deliveries as over, whatever became of them. c.mu is held.
func (c *Cloud) settle(n int) {
	c.unsettled -= n
	if c.unsettled > 0 {
		return
	}
	for _, idle := range c.idle {
		close(idle)
	}
	c.idle = nil
}
