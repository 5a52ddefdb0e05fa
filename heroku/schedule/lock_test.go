package schedule_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/heroku/schedule"
)

// A lease is a lock that instances share, and that the test can take away.
type lease struct {
	mu   sync.Mutex
	free bool
	err  error // why it cannot be taken
	lose context.CancelFunc
}

func (l *lease) Try(ctx context.Context, f func(ctx context.Context)) (bool, error) {
	l.mu.Lock()
	if l.err != nil || !l.free {
		defer l.mu.Unlock()
		return false, l.err
	}
	l.free = false
	ctx, l.lose = context.WithCancel(ctx)
	l.mu.Unlock()
	f(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = true
	return true, errors.New("connection lost")
}

func (l *lease) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// Of several instances one runs the plan; when it loses the lock, or ends, another
// does within the retry interval.
func TestOneOfSeveralRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock := &lease{free: true}
		records := make(map[*schedule.Scheduler]*record)
		stops := make(map[*schedule.Scheduler]func())
		for i := range 3 {
			r := new(record)
			s, stop := start(t, "recover=* * * * *", lock, r, works)
			records[s], stops[s] = r, stop
			time.Sleep(time.Duration(i+1) * time.Second)
		}
		leader := func() *schedule.Scheduler {
			var found *schedule.Scheduler
			for s := range records {
				if s.Stats().Leading {
					if found != nil {
						t.Fatal("two lead")
					}
					found = s
				}
			}
			return found
		}
		runs := func() int {
			n := 0
			for _, r := range records {
				if r.String() != "" {
					n += strings.Count(r.String(), "\n") + 1
				}
			}
			return n
		}
		time.Sleep(10 * time.Minute)
		if first := leader(); first == nil || runs() != 10 {
			t.Fatalf("leader %v, %d runs in ten minutes", first, runs())
		}
		lock.set(func() { lock.lose() })
		time.Sleep(10 * time.Minute)
		if second := leader(); second == nil || runs() != 20 {
			t.Errorf("leader %v, %d runs in twenty minutes", second, runs())
		}
		ended := leader()
		stops[ended]()
		time.Sleep(10 * time.Minute)
		if third := leader(); third == nil || third == ended || runs() != 30 {
			t.Errorf("leader %v, %d runs in thirty minutes", third, runs())
		}
		for _, stop := range stops {
			stop()
		}
	})
}

// A lock that cannot be asked for is tried again, and the fault is logged.
func TestLockFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock := &lease{free: true, err: errors.New("marker: no connection")}
		var r record
		s, stop := start(t, "recover=* * * * *", lock, &r, works)
		time.Sleep(5 * time.Minute)
		if s.Stats().Leading || r.String() != "" || !strings.Contains(r.logged(), "marker: no connection") {
			t.Errorf("ran\n%s\nlogged\n%s", &r, r.logged())
		}
		lock.set(func() { lock.err = nil })
		time.Sleep(time.Minute + time.Second)
		if r.String() == "" {
			t.Error("did not run once the lock was there")
		}
		stop()
	})
}
