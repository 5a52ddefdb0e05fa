package dtcloud

import (
	"context"
	"errors"
	"math"
	"time"
)

// A Clock is the simulator's time. NewClock makes one that runs, NewVirtualClock
// one that jumps.
type Clock interface {
	// Now returns the simulated time, in UTC.
	Now() time.Time
	// Hold says that work is under way: until release is called a virtual clock
	// stands still. It does nothing to a clock that runs. Calling release more
	// than once is harmless.
	Hold() (release func())
	// NewWaiter returns a waiter for the use of one goroutine.
	NewWaiter() Waiter
}

// A Waiter lets one goroutine wait for simulated times, one after another. It
// holds a virtual clock from its making on, except while it waits: what its
// goroutine does between two waits takes no simulated time.
type Waiter interface {
	// Wait returns nil when the clock has reached until or Wake is called, or
	// the error of ctx. The zero time stands for never. A Wake since the last
	// Wait makes it return at once.
	Wait(ctx context.Context, until time.Time) error
	// Wake ends the Wait under way, or the next one. Any goroutine may call it.
	Wake()
	// Stop ends the use of the waiter and its hold on the clock.
	Stop()
}

// maxNap bounds one sleep of a running clock in real time, so that the jump of
// the wall clock after a laptop's sleep is noticed soon.
const maxNap = 10 * time.Second

// runningClock is wall-clock time, shifted and stretched.
type runningClock struct {
	start time.Time // simulated
	wall  time.Time // the wall clock at start
	speed float64
}

// NewClock returns a clock that shows start now and runs speed times as fast as
// the wall clock. The speed must be above 0.
func NewClock(start time.Time, speed float64) (Clock, error) {
	if !(speed > 0) || math.IsInf(speed, 0) {
		return nil, errors.New("clock: the speed must be a number above 0, such as 1 or 60")
	}
	return newRunningClock(start, speed), nil
}

func newRunningClock(start time.Time, speed float64) *runningClock {
	return &runningClock{start: start.UTC(), wall: wallClock(), speed: speed}
}

// wallClock leaves out the monotonic reading, which stands still while a machine
// sleeps: tokens would then be signed with a time long past.
func wallClock() time.Time { return time.Now().Round(0) }

func (c *runningClock) Now() time.Time {
	passed := wallClock().Sub(c.wall)
	if c.speed == 1 {
		return c.start.Add(passed)
	}
	return c.start.Add(time.Duration(float64(passed) * c.speed))
}

func (c *runningClock) Hold() (release func()) { return func() {} }

func (c *runningClock) NewWaiter() Waiter {
	return &runningWaiter{clock: c, wake: make(chan struct{}, 1)}
}

type runningWaiter struct {
	clock *runningClock
	wake  chan struct{}
}

func (w *runningWaiter) Wait(ctx context.Context, until time.Time) error {
	for {
		nap := maxNap
		if !until.IsZero() {
			left := until.Sub(w.clock.Now())
			if left <= 0 {
				return ctx.Err()
			}
			if wall := float64(left) / w.clock.speed; wall < float64(nap) {
				nap = time.Duration(wall) + 1 // rounded up: a nap of 0 would spin
			}
		}
		timer := time.NewTimer(nap)
		select {
		case <-timer.C:
		case <-w.wake:
			timer.Stop()
			return ctx.Err()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func (w *runningWaiter) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *runningWaiter) Stop() {}
