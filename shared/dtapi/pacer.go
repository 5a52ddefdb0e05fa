package dtapi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A pacer lets requests through no faster than the rate limit, and none at all for as
// long as DT has asked to wait. All callers of a client share one: DT counts their
// requests together.
type pacer struct {
	// turn holds one element while somebody is the next to pass. The others wait
	// behind, in their order, without a claim on the limiter: a claim that is given up
	// is not given back whole when there are later ones.
	turn chan struct{}

	mu      sync.Mutex
	limiter *rate.Limiter
	held    time.Time // until when nobody may pass
	refused bool      // held was set and nobody has passed since
}

func newPacer(limit rate.Limit, burst int) *pacer {
	return &pacer{turn: make(chan struct{}, 1), limiter: rate.NewLimiter(limit, burst)}
}

// hold lets nobody pass for d.
func (p *pacer) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.held) {
		p.held, p.refused = until, true
	}
}

// wait returns when the caller may send one request. It returns an error that is
// [context.DeadlineExceeded] at once when it is known that this would be after the
// deadline of ctx, and what ended ctx when that ends first.
func (p *pacer) wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.turn }()
	for {
		pause, claim := p.claim()
		if err := sleep(ctx, pause); err != nil {
			if claim != nil {
				claim.Cancel()
			}
			return err
		}
		if claim != nil && !p.holding() {
			return nil
		}
		// Either the time to wait is over, or it began during this pause.
	}
}

func (p *pacer) holding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held.After(time.Now())
}

// claim returns how long to wait, and for what: the limiter, or, when that is nil, the
// end of the time that DT has asked for.
func (p *pacer) claim() (time.Duration, *rate.Reservation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if pause := p.held.Sub(now); pause > 0 {
		return pause, nil
	}
	if p.refused {
		p.refused = false
		p.spend(now)
	}
	r := p.limiter.ReserveN(now, 1)
	return r.DelayFrom(now), r
}

// spend takes away what the limiter has saved up while nobody could pass: DT has just
// said that there is nothing left, and a burst would only be refused again.
func (p *pacer) spend(now time.Time) {
	if p.limiter.Limit() == rate.Inf {
		return
	}
	earned := now.Sub(p.held).Seconds()*float64(p.limiter.Limit()) + 1
	if extra := int(p.limiter.TokensAt(now) - earned); extra > 0 {
		p.limiter.ReserveN(now, extra)
	}
}

// sleep waits for d.
func sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return fmt.Errorf("the rate limit lets it pass too late: %w", context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
