package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// retryInterval is how long an instance waits before it tries again to become
	// the one that runs the plan: the longest time that nobody does after the one
	// has gone.
	retryInterval = 15 * time.Second
	// maxWait is how long the scheduler sleeps at most before it looks at the clock
	// again, which may be set, or stand still while a machine is halted.
	maxWait = time.Minute
	// runTimeout bounds a run. recover gives up well before by itself.
	runTimeout = time.Hour
)

// A Lock makes one of several instances the one that runs the plan.
type Lock interface {
	// Try calls f if no other instance has the lock, and keeps the lock until f has
	// returned. f's context ends with ctx, or when the lock is lost. held tells
	// whether f was called.
	Try(ctx context.Context, f func(ctx context.Context)) (held bool, err error)
}

// Alone is the Lock of a program that runs once.
type Alone struct{}

// Try calls f.
func (Alone) Try(ctx context.Context, f func(ctx context.Context)) (bool, error) {
	f(ctx)
	return true, nil
}

// Config is what a Scheduler works with.
type Config struct {
	Plan Plan
	// Run runs a function. It is not called for one function while that still
	// runs; different functions may run at the same time. Required.
	Run func(ctx context.Context, function string) error
	// Lock is required; Alone{} where there is one instance.
	Lock Lock
	// Logger is required.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Scheduler runs a plan.
type Scheduler struct {
	config Config
	stats  stats
}

// New returns a Scheduler.
func New(c Config) *Scheduler {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Scheduler{config: c}
}

// Run runs the plan while this instance has the lock, until ctx ends. It returns
// after the functions that run have returned.
func (s *Scheduler) Run(ctx context.Context) {
	if len(s.config.Plan.Entries) == 0 {
		return
	}
	for ctx.Err() == nil {
		held, err := s.config.Lock.Try(ctx, s.lead)
		switch {
		case ctx.Err() != nil:
		case held:
			s.config.Logger.WarnContext(ctx, "the schedule goes to another instance", "error", err)
		case err != nil:
			s.config.Logger.ErrorContext(ctx, "the schedule does not run", "error", err.Error())
		}
		sleep(ctx, retryInterval)
	}
}

// lead runs the plan until ctx ends.
func (s *Scheduler) lead(ctx context.Context) {
	s.stats.lead(true)
	defer s.stats.lead(false)
	var wait sync.WaitGroup
	for _, e := range s.config.Plan.Entries {
		wait.Go(func() { s.follow(ctx, e) })
	}
	wait.Wait()
}

// follow runs one function at its times. Those that pass while it still runs are
// left out.
func (s *Scheduler) follow(ctx context.Context, e Entry) {
	for ctx.Err() == nil {
		next, err := e.Next(s.config.Now())
		if err != nil {
			s.config.Logger.ErrorContext(ctx, "no more runs", "function", e.Function, "error", err.Error())
			return
		}
		s.config.Logger.DebugContext(ctx, "next run", "function", e.Function, "at", next)
		for now := s.config.Now(); ctx.Err() == nil && now.Before(next); now = s.config.Now() {
			sleep(ctx, min(next.Sub(now), maxWait))
		}
		if ctx.Err() == nil {
			s.run(ctx, e.Function)
		}
	}
}

// run runs a function once. A panic in it must not end the server.
func (s *Scheduler) run(ctx context.Context, function string) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	start := s.config.Now()
	err := s.runSafely(ctx, function)
	took := s.config.Now().Sub(start)
	s.stats.ran(function, s.config.Now(), err)
	if err != nil {
		s.config.Logger.ErrorContext(ctx, "scheduled run failed", "function", function, "took", took.String(), "error", err.Error())
		return
	}
	s.config.Logger.InfoContext(ctx, "scheduled run", "function", function, "took", took.String())
}

func (s *Scheduler) runSafely(ctx context.Context, function string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Join(err, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return s.config.Run(ctx, function)
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
