package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

// stopTimeout is how long the simulator, when told to stop, goes on delivering
// what it has sent.
const stopTimeout = 3 * time.Second

// A simulation is a DT Cloud on this machine, with its API on a port of its own.
type simulation struct {
	cloud   *dtcloud.Cloud
	project string
	server  *http.Server
	served  chan error
}

func newSimulation(ctx context.Context, start time.Time, f runFlags) (*simulation, error) {
	clock, err := dtcloud.NewClock(start, f.speed)
	if err != nil {
		return nil, fmt.Errorf("--speed: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cloud, err := dtcloud.New(dtcloud.Config{
		Clock: clock, Seed: f.seed, Faults: f.faults,
		BaseURL: "http://" + listener.Addr().String(),
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	project, err := dtcloud.Demo(cloud)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &simulation{
		cloud: cloud, project: project, served: make(chan error, 1),
		server: &http.Server{Handler: cloud.Handler(), ReadHeaderTimeout: 5 * time.Second},
	}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// connect adds a connector that posts to url.
func (s *simulation) connect(url, secret string) error {
	_, err := s.cloud.AddConnector(s.project, dtcloud.Connector{
		DisplayName: "dtfn run",
		Labels:      []string{"name", "floor", "room", "customer", "inspected"},
		HTTPConfig:  dtcloud.HTTPConfig{URL: url, SignatureSecret: secret},
	})
	return err
}

// run lets the simulated time pass until ctx ends, and then a moment longer so
// that what was sent is delivered.
func (s *simulation) run(ctx context.Context) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	context.AfterFunc(ctx, func() {
		s.cloud.StopSensors()
		wait, cancel := context.WithTimeout(running, stopTimeout)
		defer cancel()
		// What is still queued when the time is up is counted as pending.
		_ = s.cloud.WaitIdle(wait)
		stop()
	})
	return s.cloud.Run(running)
}

func (s *simulation) close() error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
