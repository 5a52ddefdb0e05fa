package dtcloud_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

func TestRunningClock(t *testing.T) {
	for _, speed := range []float64{1, 60, 0.5} {
		synctest.Test(t, func(t *testing.T) {
			clock, err := dtcloud.NewClock(start, speed)
			if err != nil {
				t.Fatal(err)
			}
			waiter := clock.NewWaiter()
			defer waiter.Stop()
			clock.Hold() // does nothing
			began := time.Now()
			if err := waiter.Wait(t.Context(), start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			passed := time.Since(began)
			want := time.Duration(float64(time.Hour) / speed)
			if passed < want || passed > want+time.Microsecond {
				t.Errorf("speed %v: an hour took %v", speed, passed)
			}
			if now := clock.Now(); now.Sub(start) < time.Hour || now.Location() != time.UTC {
				t.Errorf("speed %v: the clock shows %v", speed, now)
			}
		})
	}
}

func TestRunningClockRefusesSpeeds(t *testing.T) {
	for _, speed := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := dtcloud.NewClock(start, speed); err == nil {
			t.Errorf("speed %v was accepted", speed)
		}
	}
}

// Each clock wakes its waiters, and ends a wait with its context.
func TestWaiterWakesAndEnds(t *testing.T) {
	running, err := dtcloud.NewClock(start, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, clock := range map[string]dtcloud.Clock{"running": running, "virtual": dtcloud.NewVirtualClock(start)} {
		t.Run(name, func(t *testing.T) {
			waiter := clock.NewWaiter()
			defer waiter.Stop()
			waiter.Wake()
			if err := waiter.Wait(t.Context(), time.Time{}); err != nil {
				t.Errorf("woken before: %v", err)
			}
			done := make(chan error)
			go func() { done <- waiter.Wait(context.WithoutCancel(t.Context()), time.Time{}) }()
			waiter.Wake()
			if err := <-done; err != nil {
				t.Errorf("woken: %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() { done <- waiter.Wait(ctx, time.Time{}) }()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("ended: %v", err)
			}
		})
	}
}

func TestVirtualClockJumpsFromWaitToWait(t *testing.T) {
	clock := dtcloud.NewVirtualClock(start)
	waiters := []dtcloud.Waiter{clock.NewWaiter(), clock.NewWaiter()}
	var (
		mu   sync.Mutex
		seen []time.Duration
		wg   sync.WaitGroup
	)
	for i, waiter := range waiters {
		wg.Go(func() {
			defer waiter.Stop()
			// One wakes at 3, 6, 9 … hours, the other at 2, 4, 6 … hours.
			for hours := 3 - i; hours <= 12; hours += 3 - i {
				want := start.Add(time.Duration(hours) * time.Hour)
				if err := waiter.Wait(t.Context(), want); err != nil {
					t.Error(err)
				}
				if now := clock.Now(); !now.Equal(want) {
					t.Errorf("woke at %v, not at %v", now, want)
				}
				mu.Lock()
				seen = append(seen, clock.Now().Sub(start))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 10 {
		t.Fatalf("%d wake-ups", len(seen))
	}
	for i, d := range seen[1:] {
		if d < seen[i] {
			t.Errorf("%v came after %v", d, seen[i])
		}
	}
}

func TestVirtualClockStandsWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := dtcloud.NewVirtualClock(start)
		first, second := clock.Hold(), clock.Hold()
		waiter := clock.NewWaiter()
		defer waiter.Stop()
		done := make(chan error, 1)
		go func() { done <- waiter.Wait(t.Context(), start.Add(time.Hour)) }()
		first()
		first() // once more does nothing
		synctest.Wait()
		if len(done) != 0 || !clock.Now().Equal(start) {
			t.Errorf("the clock jumped to %v while it was held", clock.Now())
		}
		second()
		if err := <-done; err != nil || !clock.Now().Equal(start.Add(time.Hour)) {
			t.Errorf("%v, %v", clock.Now(), err)
		}
	})
}

// A waiter that nobody waits with holds the clock, until it is stopped.
func TestVirtualClockWaitsForItsWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := dtcloud.NewVirtualClock(start)
		busy, waiting := clock.NewWaiter(), clock.NewWaiter()
		done := make(chan error, 1)
		go func() { done <- waiting.Wait(t.Context(), start.Add(time.Second)) }()
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("the clock jumped over a busy waiter")
		}
		busy.Stop()
		busy.Stop() // once more does nothing
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		waiting.Stop()
	})
}
