// Package sync is the function that lets connectors send each device's newest
// events again: after a consumer has lost its state, or to start a new one.
package sync

import (
	"context"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// Config is what a Function works with. All of it is required.
type Config struct {
	Client     *dtapi.Client
	Connectors []dtapi.ConnectorName
}

// A Function syncs connectors.
type Function struct{ config Config }

// New returns a Function, or an error when a part is missing.
func New(c Config) (*Function, error) {
	if c.Client == nil || len(c.Connectors) == 0 {
		return nil, errors.New("sync: a client and at least one connector are required")
	}
	return &Function{config: c}, nil
}

// A Report says what a run did.
type Report struct {
	Connectors []ConnectorReport `json:"connectors"`
}

// A ConnectorReport says what a run did to one connector.
type ConnectorReport struct {
	Connector string `json:"connector"`
	// Synced means that DT has taken the order; the events come like all others,
	// as requests to the endpoint.
	Synced bool `json:"synced"`
	// Error is why not.
	Error string `json:"error,omitempty"`
}

// Run syncs all connectors (POST …:sync), one after another, and goes on after one
// fails. The error joins one for each that failed, and names it.
func (f *Function) Run(ctx context.Context) (Report, error) {
	var report Report
	var errs []error
	for _, name := range f.config.Connectors {
		r := ConnectorReport{Connector: string(name)}
		if err := f.config.Client.SyncConnector(ctx, name); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			r.Error = err.Error()
		} else {
			r.Synced = true
		}
		report.Connectors = append(report.Connectors, r)
	}
	return report, errors.Join(errs...)
}
