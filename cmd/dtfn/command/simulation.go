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
	cloud     *dtcloud.Cloud
	url       string // of the API
	project   string
	account   dtcloud.ServiceAccount
	connector string // "" until connect
	server    *http.Server
	served    chan error
}

type simulationConfig struct {
	listen    string // the API's address
	speed     float64
	seed      uint64
	faults    dtcloud.Faults
	apiFaults dtcloud.APIFaults
}

func newSimulation(ctx context.Context, now func() time.Time, c simulationConfig) (*simulation, error) {
	clock, err := dtcloud.NewClock(now(), c.speed)
	if err != nil {
		return nil, fmt.Errorf("--speed: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listen)
	if err != nil {
		return nil, fmt.Errorf("the simulated cloud's address: %w", err)
	}
	s := &simulation{url: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	if err := s.furnish(clock, now, c); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.server = &http.Server{Handler: s.cloud.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// furnish makes the cloud, a project, and a service account that may do everything
// there.
func (s *simulation) furnish(clock dtcloud.Clock, now func() time.Time, c simulationConfig) error {
	var err error
	s.cloud, err = dtcloud.New(dtcloud.Config{
		Clock: clock, Seed: c.seed, Faults: c.faults, APIFaults: c.apiFaults, BaseURL: s.url,
		TokenNow: now, // receivers and clients live in real time
	})
	if err != nil {
		return err
	}
	if s.project, err = dtcloud.Demo(s.cloud); err != nil {
		return err
	}
	s.account, err = s.cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{
		Roles: map[string]string{s.project: dtcloud.RoleDeveloper}, BasicAuth: true,
	})
	return err
}

// connect adds a connector that posts to url.
func (s *simulation) connect(url, secret string) error {
	c, err := s.cloud.AddConnector(s.project, dtcloud.Connector{
		DisplayName: "dtfn run",
		Labels:      []string{"name", "floor", "room", "customer", "inspected"},
		HTTPConfig:  dtcloud.HTTPConfig{URL: url, SignatureSecret: secret},
	})
	s.connector = c.Name
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
