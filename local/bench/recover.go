package main

import (
	"context"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
)

const (
	gapDevices = 50
	gapEvents  = 2500 // a device: three pages
	gapLatency = 150 * time.Millisecond
)

// printRecover measures recover with a store that is thrown away after it.
func printRecover(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return measureRecover(ctx, filepath.Join(dir, "events.db"))
}

// measureRecover fetches a gap at DT's rate limit, from an API that takes its time,
// into SQLite, and compares how long that took with what the limit allows.
func measureRecover(ctx context.Context, path string) error {
	cloud, err := dtcloud.New(dtcloud.Config{
		APILimit:  dtcloud.APILimit{PerSecond: math.Inf(1)}, // the client's own limit is what is measured
		APIFaults: dtcloud.APIFaults{Latency: gapLatency},
	})
	if err != nil {
		return err
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		return err
	}
	connector, err := cloud.AddConnector(project, dtcloud.Connector{
		Status: dtcloud.StatusUserDisabled, HTTPConfig: dtcloud.HTTPConfig{URL: "https://receiver.example/"},
	})
	if err != nil {
		return err
	}
	now := time.Now()
	for range gapDevices {
		device, err := cloud.AddDevice(project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
		if err != nil {
			return err
		}
		for i := range gapEvents {
			e := dtcloud.Event{Device: device, Type: event.TypeTouch, Data: []byte(`{"touch":{}}`), Time: now.Add(-time.Duration(i+1) * time.Minute)}
			if _, err := cloud.Inject(e); err != nil {
				return err
			}
		}
	}
	account, err := cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{project: dtcloud.RoleUser}})
	if err != nil {
		return err
	}
	server := httptest.NewServer(cloud.Handler())
	defer server.Close()

	var requests atomic.Int64
	client, err := dtapi.New(dtapi.Config{
		URL: server.URL + dtcloud.APIPath, TokenURL: server.URL + dtcloud.TokenPath,
		Credentials: dtapi.Credentials{KeyID: account.KeyID, Secret: account.Secret, Email: account.Email},
		Observe: func(c dtapi.Call) {
			if c.Path != dtcloud.TokenPath { // tokens are not limited
				requests.Add(1)
			}
		},
	})
	if err != nil {
		return err
	}
	events, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer events.Close()
	f, err := recover.New(recover.Config{
		Client: client, Connectors: []dtapi.ConnectorName{dtapi.ConnectorName(connector.Name)},
		Handler: handling.Handler{Sink: events}, Window: &recover.Window{Since: now.Add(-30 * 24 * time.Hour), Until: now},
	})
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := f.Run(ctx)
	if err != nil {
		return err
	}
	took := time.Since(start)
	gap := report.Connectors[0].Gaps[0]
	allowed := time.Duration(float64(requests.Load()-dtapi.DefaultBurst) / dtapi.DefaultRate * float64(time.Second))
	fmt.Printf("\nRecover: %d events of %d devices, each answer of DT's API after %v\n\n", gap.Published, gap.Devices, gapLatency)
	fmt.Printf("  %d requests in %v; the limit of %g a second with a burst of %d allows them in %v: %.1f %% of it is used\n",
		requests.Load(), took.Round(time.Millisecond), dtapi.DefaultRate, dtapi.DefaultBurst, allowed, 100*allowed.Seconds()/took.Seconds())
	return nil
}
