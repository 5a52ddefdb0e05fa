// Package dtcloudtest starts a simulated DT Cloud for tests of what calls its REST
// API.
package dtcloudtest

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// A World is a cloud with one project, a service account that may do everything
// there, and its API on a port of this machine.
type World struct {
	*dtcloud.Cloud
	Project string // its name
	Account dtcloud.ServiceAccount
	URL     string // of the cloud, without the API's path

	mu       sync.Mutex
	requests []string
}

// New starts a World on a virtual clock, without a limit of requests; change, unless
// nil, changes that. It ends with the test.
func New(t testing.TB, change func(*dtcloud.Config)) *World {
	t.Helper()
	config := dtcloud.Config{
		Clock: dtcloud.NewVirtualClock(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)), Seed: 1,
		APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)},
	}
	if change != nil {
		change(&config)
	}
	cloud, err := dtcloud.New(config)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Cloud: cloud}
	if w.Project, err = cloud.AddProject(dtcloud.ProjectSpec{ID: "p1"}); err != nil {
		t.Fatal(err)
	}
	w.Account, err = cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{w.Project: dtcloud.RoleDeveloper}})
	if err != nil {
		t.Fatal(err)
	}
	handler := cloud.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Client returns a client of the API; change, unless nil, changes its settings.
func (w *World) Client(t testing.TB, change func(*dtapi.Config)) *dtapi.Client {
	t.Helper()
	c := dtapi.Config{
		URL: w.URL + dtcloud.APIPath, TokenURL: w.URL + dtcloud.TokenPath,
		Credentials: dtapi.Credentials{KeyID: w.Account.KeyID, Secret: w.Account.Secret, Email: w.Account.Email},
		Rate:        math.Inf(1), Attempts: 1, Now: w.Clock().Now,
	}
	if change != nil {
		change(&c)
	}
	client, err := dtapi.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Environment returns the settings of the API's client as environment variables.
func (w *World) Environment() map[string]string {
	return map[string]string{
		"DT_API_URL":                w.URL + dtcloud.APIPath,
		"DT_TOKEN_URL":              w.URL + dtcloud.TokenPath,
		"DT_SERVICE_ACCOUNT_KEY_ID": w.Account.KeyID,
		"DT_SERVICE_ACCOUNT_SECRET": w.Account.Secret.Reveal(),
		"DT_SERVICE_ACCOUNT_EMAIL":  w.Account.Email,
	}
}

// Connector adds a connector and returns its name. Its URL is made up unless given.
func (w *World) Connector(t testing.TB, spec dtcloud.Connector) dtapi.ConnectorName {
	t.Helper()
	if spec.HTTPConfig.URL == "" && spec.OtherConfig == nil {
		spec.HTTPConfig.URL = "https://receiver.example/"
	}
	c, err := w.AddConnector(w.Project, spec)
	if err != nil {
		t.Fatal(err)
	}
	return dtapi.ConnectorName(c.Name)
}

// Device adds an emulated device and returns its name.
func (w *World) Device(t testing.TB, spec dtcloud.DeviceSpec) string {
	t.Helper()
	spec.Emulated = true
	name, err := w.AddDevice(w.Project, spec)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// Emit lets a device emit an event at a time, and returns its id.
func (w *World) Emit(t testing.TB, device, eventType string, at time.Time) string {
	t.Helper()
	id, err := w.Inject(dtcloud.Event{Device: device, Type: eventType, Data: []byte(`{"` + eventType + `":{}}`), Time: at})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Requests returns the method and path of each request since the last call.
func (w *World) Requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	requests := w.requests
	w.requests = nil
	return requests
}

// Pass lets simulated time pass, on a virtual clock.
func (w *World) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	waiter := w.Clock().NewWaiter()
	defer waiter.Stop()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- w.Run(ctx) }()
	if err := waiter.Wait(ctx, w.Clock().Now().Add(d)); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
}
