package schedule_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/heroku/schedule"
)

// A record is what ran when.
type record struct {
	mu   sync.Mutex
	runs []string
	log  bytes.Buffer
}

func (r *record) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = append(r.runs, time.Now().UTC().Format("15:04:05 ")+text)
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.runs, "\n")
}

func (r *record) logged() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

func parse(t *testing.T, text string) schedule.Plan {
	t.Helper()
	plan, err := schedule.Parse(text, functions())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// A start is a scheduler that runs in a bubble whose clock begins at midnight.
func start(t *testing.T, plan string, lock schedule.Lock, r *record, run func(ctx context.Context, function string) error) (s *schedule.Scheduler, stop func()) {
	t.Helper()
	s = schedule.New(schedule.Config{
		Plan: parse(t, plan), Lock: lock, Logger: slog.New(slog.NewTextHandler(r, nil)),
		Run: func(ctx context.Context, function string) error {
			r.add(function)
			return run(ctx, function)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	return s, func() {
		cancel()
		<-done
	}
}

func works(context.Context, string) error { return nil }

func TestRunsAtItsTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		s, stop := start(t, "sync=30 * * * *; recover=*/20 * * * *", schedule.Alone{}, &r, works)
		time.Sleep(62 * time.Minute)
		want := "00:20:00 recover\n00:30:00 sync\n00:40:00 recover\n01:00:00 recover"
		if r.String() != want {
			t.Errorf("ran\n%s\nwant\n%s", &r, want)
		}
		stats := s.Stats()
		if !stats.Leading || stats.Functions["recover"].Succeeded != 3 || !stats.Functions["sync"].LastSuccess.Equal(time.Now().Add(-32*time.Minute)) {
			t.Errorf("stats %+v", stats)
		}
		stop()
		if s.Stats().Leading {
			t.Error("leads after its end")
		}
	})
}

func TestNothingPlanned(t *testing.T) {
	s := schedule.New(schedule.Config{Lock: schedule.Alone{}, Logger: slog.New(slog.DiscardHandler)})
	s.Run(t.Context())
}

// A run that takes longer than its interval is not joined by another of the same
// function, and does not hold up the others.
func TestNoOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		_, stop := start(t, "sync=*/10 * * * *; recover=*/10 * * * *", schedule.Alone{}, &r, func(_ context.Context, function string) error {
			if function == "sync" {
				time.Sleep(25 * time.Minute)
			}
			return nil
		})
		time.Sleep(41 * time.Minute)
		stop()
		for line, want := range map[string]int{"sync": 2, "recover": 4, "00:10:00 sync": 1, "00:40:00 sync": 1} {
			if got := strings.Count(r.String(), line); got != want {
				t.Errorf("%q is there %d times in\n%s", line, got, &r)
			}
		}
	})
}

// What fails, or panics, is logged and runs again at its next time.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		s, stop := start(t, "sync=@hourly; recover=@hourly", schedule.Alone{}, &r, func(_ context.Context, function string) error {
			if function == "sync" {
				panic("marker-1")
			}
			return errors.New("marker-2")
		})
		time.Sleep(121 * time.Minute)
		stop()
		if got := strings.Count(r.String(), "\n"); got != 3 {
			t.Errorf("ran\n%s", &r)
		}
		if stats := s.Stats().Functions; stats["sync"].Failed != 2 || stats["recover"].Failed != 2 || !stats["sync"].LastSuccess.IsZero() {
			t.Errorf("stats %+v", stats)
		}
		for _, marker := range []string{"marker-1", "marker-2"} {
			if !strings.Contains(r.logged(), marker) {
				t.Errorf("%s is not logged", marker)
			}
		}
	})
}

// Stopping ends the context of what runs, and waits for it.
func TestStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		_, stop := start(t, "sync=@hourly", schedule.Alone{}, &r, func(ctx context.Context, _ string) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			r.add("tidied up")
			return ctx.Err()
		})
		time.Sleep(61 * time.Minute)
		stop()
		if want := "01:00:00 sync\n01:01:03 tidied up"; r.String() != want {
			t.Errorf("ran\n%s\nwant\n%s", &r, want)
		}
	})
}

// The clock is set forward, or stood still: the scheduler sees it within a minute.
func TestClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r record
		var mu sync.Mutex
		offset := time.Duration(0)
		s := schedule.New(schedule.Config{
			Plan: parse(t, "sync=0 12 * * *"), Lock: schedule.Alone{}, Logger: slog.New(slog.DiscardHandler),
			Run: func(_ context.Context, function string) error { r.add(function); return nil },
			Now: func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return time.Now().Add(offset)
			},
		})
		ctx, cancel := context.WithCancel(t.Context())
		go s.Run(ctx)
		time.Sleep(90 * time.Second)
		mu.Lock()
		offset = 12 * time.Hour
		mu.Unlock()
		time.Sleep(time.Minute)
		cancel()
		synctest.Wait()
		if want := "00:02:00 sync"; r.String() != want {
			t.Errorf("ran %q, want %q", &r, want)
		}
	})
}

func TestStatsNamesAll(t *testing.T) {
	s := schedule.New(schedule.Config{Plan: parse(t, "sync=@daily; recover=@hourly"), Lock: schedule.Alone{}})
	if stats := s.Stats(); len(stats.Functions) != 2 || stats.Leading {
		t.Errorf("%+v", stats)
	}
}
