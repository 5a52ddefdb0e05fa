package dtapi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func withRate(rate float64, burst int) func(*dtapi.Config) {
	return func(c *dtapi.Config) { c.Rate, c.Burst = rate, burst }
}

// readHistory has n callers read events for d, and returns how many requests were
// sent in all.
func readHistory(t *testing.T, w *world, c *dtapi.Client, n int, d time.Duration) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for _, err := range c.Events(ctx, dtapi.EventQuery{Device: device}) {
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	pass(d)
	sent := len(w.seen())
	cancel()
	all.Wait()
	return sent
}

// endless answers every request with a page and a token for the next one.
func endless(n int, _ handled) (*http.Response, error) {
	return ok(fmt.Sprintf(`{"events":[{"eventId":"%d"}],"nextPageToken":"t%d"}`, n, n))
}

// Callers together use the whole of the rate limit, and no more.
func TestRateIsUsedToTheFull(t *testing.T) {
	for _, callers := range []int{3, 8, 64} {
		synctest.Test(t, func(t *testing.T) {
			const rate, burst, minutes = 5, 25, 10
			w := &world{latency: 300 * time.Millisecond, api: endless}
			sent := readHistory(t, w, w.client(t, withRate(rate, burst)), callers, minutes*time.Minute)
			allowed := rate*minutes*60 + burst
			ratio := float64(sent) / float64(allowed)
			t.Logf("%d callers: %d of %d allowed requests in %d minutes: %.1f %%", callers, sent, allowed, minutes, 100*ratio)
			if ratio < 0.95 || sent > allowed+1 {
				t.Errorf("%d callers sent %d requests, %d are allowed", callers, sent, allowed)
			}
			inWindows(t, w.seen(), 5*time.Second, 2*burst)
		})
	}
}

// So it is when DT counts otherwise than this client does, here 25 requests in every 5
// seconds by the clock, and the way there takes now longer, now shorter.
func TestRateAgainstAnotherCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perWindow, window, minutes = 25, 5 * time.Second, 10
		var mu sync.Mutex
		counts := map[time.Time]int{}
		served, refused := 0, 0
		w := &world{api: func(n int, r handled) (*http.Response, error) {
			pass(time.Duration(n*7919%400) * time.Millisecond)
			now := time.Now()
			begun := now.Truncate(window)
			mu.Lock()
			defer mu.Unlock()
			if counts[begun]++; counts[begun] > perWindow {
				refused++
				return failing(429, "Retry-After", fmt.Sprint(int(math.Ceil(begun.Add(window).Sub(now).Seconds()))))
			}
			served++
			return endless(n, r)
		}}
		readHistory(t, w, w.client(t, withRate(5, 25)), 8, minutes*time.Minute)
		mu.Lock()
		defer mu.Unlock()
		allowed := perWindow * int(minutes*time.Minute/window)
		t.Logf("%d of %d allowed requests were served in %d minutes: %.1f %%; %d were refused", served, allowed, minutes, 100*float64(served)/float64(allowed), refused)
		if served < allowed*95/100 {
			t.Errorf("%d requests were served, %d are allowed", served, allowed)
		}
	})
}

// inWindows sees that no window of length d has more than limit requests in it.
func inWindows(t *testing.T, requests []handled, d time.Duration, limit int) {
	t.Helper()
	first := 0
	for i, r := range requests {
		for r.At.Sub(requests[first].At) >= d {
			first++
		}
		if n := i - first + 1; n > limit {
			t.Fatalf("%d requests in the %v before %v, want at most %d", n, d, r.At, limit)
		}
	}
}

// What one caller is told by 429 holds back all, and they do not come back all at
// once: DT has just said that nothing is left.
func TestHoldingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const refusedAt, wait = 40, 20 * time.Second
		w := &world{latency: 10 * time.Millisecond}
		w.api = func(n int, r handled) (*http.Response, error) {
			if n == refusedAt {
				return failing(429, "Retry-After", "20")
			}
			return endless(n, r)
		}
		sent := readHistory(t, w, w.client(t, withRate(5, 25)), 10, time.Minute)
		requests := w.seen()
		told := requests[refusedAt].At.Add(w.latency)
		for _, r := range requests[refusedAt+1:] {
			if r.At.After(told) && r.At.Before(told.Add(wait)) {
				t.Errorf("a request %v after the 429", r.At.Sub(told))
			}
		}
		// 25 + 5/s before, nothing for 20 s, 5/s after.
		inWindows(t, requests[refusedAt+1:], 5*time.Second, 27)
		if want := 25 + 5*40; sent < want*95/100 || sent > want+2 {
			t.Errorf("%d requests in all, want about %d", sent, want)
		}
	})
}

// After a long pause of its own the client may send a burst again, although it was
// held back before.
func TestBurstComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{api: func(n int, r handled) (*http.Response, error) {
			if n == 0 {
				return failing(429, "Retry-After", "2")
			}
			return endless(n, r)
		}}
		c := w.client(t, withRate(5, 25))
		if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		start := time.Now()
		for range 25 {
			if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("25 requests took %v after a minute's pause", took)
		}
	})
}

// Who gives up waiting for a turn gives the turn back.
func TestTurnIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		c := w.client(t, withRate(1, 1))
		call := func(ctx context.Context) error {
			_, err := c.ConnectorMetrics(ctx, connector)
			return err
		}
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			gone := make(chan error)
			go func() { gone <- call(ctx) }()
			synctest.Wait()
			cancel()
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		start := time.Now()
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("waited %v behind callers who are gone", took)
		}
	})
}

func TestNoRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{api: func(n int, _ handled) (*http.Response, error) {
			if n == 500 {
				return failing(429, "Retry-After", "1")
			}
			return ok(`{}`)
		}}
		c := w.client(t, withRate(math.Inf(1), 0))
		start := time.Now()
		for range 1000 {
			if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < time.Second || took > 2*time.Second {
			t.Errorf("1,000 requests and a Retry-After of 1 s took %v", took)
		}
	})
}

// BenchmarkEvents reports how much of a rate limit of 500 requests a second eight
// callers use, in real time.
func BenchmarkEvents(b *testing.B) {
	const rate = 500
	w := &world{latency: 5 * time.Millisecond, api: endless}
	c := w.client(b, withRate(rate, 1))
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	pages := make(chan struct{})
	for range 8 {
		go func() {
			for range c.Events(ctx, dtapi.EventQuery{Device: device}) {
				select {
				case pages <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	<-pages
	b.ResetTimer()
	for range b.N {
		<-pages
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds()/rate, "%-of-limit")
}
