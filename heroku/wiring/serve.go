package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/heroku/health"
	"github.com/dt-functions/dt-functions/heroku/metrics"
	"github.com/dt-functions/dt-functions/heroku/schedule"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

const (
	// path is what the connector posts to.
	path = "/"
	// notice is how long the server goes on taking requests after it was told to
	// stop, since those who send them learn of it a little later. With what
	// receivehttp waits for requests under way (25 s) it is less than the 30 s
	// after which Heroku and Kubernetes kill.
	notice = 3 * time.Second
)

// A server is what serves, put together and not started.
type server struct {
	logger    *slog.Logger
	receive   *receive.Function
	health    *health.Health
	counters  *telemetry.Counters
	scheduler *schedule.Scheduler
	started   time.Time
}

// serve serves until ctx ends.
func (a *app) serve(ctx context.Context) error {
	program, programErr := loadProgram(a.env)
	s, receiveErr := settings.LoadReceive(a.env, a.drivers.sinks(nil))
	logger := telemetry.NewLogger(a.Stderr, s.LogLevel, telemetry.WithClock(a.Now))
	for _, warning := range s.Warnings {
		logger.WarnContext(ctx, warning)
	}
	functions, functionsErr := a.openFunctions(ctx, program.Plan, logger)
	lock, lockErr := a.scheduleLock()
	if err := joinFaults(programErr, receiveErr, functionsErr, lockErr); err != nil {
		return errors.Join(err, functions.Close())
	}
	v := &server{logger: logger, counters: new(telemetry.Counters), started: a.Now()}
	v.scheduler = schedule.New(schedule.Config{Plan: program.Plan, Run: functions.run, Lock: lock, Logger: logger, Now: a.Now})
	var sinks watch
	v.health = health.New(health.Config{Check: sinks.Ping, Logger: logger, Now: a.Now})
	var err error
	v.receive, err = receive.Open(ctx, s, receive.Parts{
		Drivers:  sinks.over(a.drivers.sinks),
		Observer: telemetry.Tee(telemetry.LogObserver(logger), v.counters),
		Path:     path,
		Now:      a.Now,
	})
	if err != nil {
		return errors.Join(err, functions.Close())
	}
	return errors.Join(v.listen(ctx, program), functions.Close(), v.receive.Close())
}

// listen serves on the ports until ctx ends, and then stops in good order.
func (v *server) listen(ctx context.Context, p programSettings) error {
	public, err := new(net.ListenConfig).Listen(ctx, "tcp", address(p.Port))
	if err != nil {
		return fmt.Errorf("PORT: %w", err)
	}
	v.logger.InfoContext(ctx, "listening", "address", public.Addr().String(), "version", version())
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var numbers net.Listener
	if p.MetricsPort >= 0 {
		if numbers, err = new(net.ListenConfig).Listen(ctx, "tcp", address(p.MetricsPort)); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", metricsPort, err), public.Close())
		}
		v.logger.InfoContext(ctx, "serving metrics", "address", numbers.Addr().String())
	}
	var background sync.WaitGroup
	background.Go(func() { v.scheduler.Run(ctx) })
	// Whoever starts the server sees in its log whether its sink is there.
	background.Go(func() { _ = v.health.Check(ctx) })
	if numbers != nil {
		background.Go(func() {
			if err := receivehttp.Serve(serving, numbers, metrics.Handler(v.collect), v.logger); err != nil {
				v.logger.ErrorContext(ctx, "metrics", "error", err.Error())
			}
		})
	}
	failed := make(chan struct{})
	background.Go(func() { v.drain(ctx, failed, stop) })
	err = receivehttp.Serve(serving, public, v.health.Handler(receivehttp.NewHandler(v.receive)), v.logger)
	close(failed)
	stop()
	background.Wait()
	return err
}

// drain tells that the server is about to stop when ctx ends, and stops it a moment
// later.
func (v *server) drain(ctx context.Context, failed <-chan struct{}, stop func()) {
	select {
	case <-failed:
		return
	case <-ctx.Done():
	}
	v.health.Drain()
	v.logger.InfoContext(ctx, "stopping", "takes requests for", notice.String())
	timer := time.NewTimer(notice)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-failed:
	}
	stop()
}

// collect returns the server's numbers.
func (v *server) collect() []metrics.Family {
	all := metrics.Requests(v.counters.Snapshot())
	all = append(all, metrics.Schedule(v.scheduler.Stats())...)
	return append(all, metrics.Process(version(), v.started, v.health.Ready())...)
}

// address returns a port on all of this machine's addresses.
func address(port int) string { return net.JoinHostPort("", strconv.Itoa(port)) }
