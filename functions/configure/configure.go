// Package configure is the function that brings connectors to their wanted
// settings. It changes only what differs, so that a second run changes nothing.
package configure

import (
	"context"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

var (
	// ErrType means that a setting is wanted that the connector's type does not
	// have.
	ErrType = errors.New("the connector's type does not have this setting")
	// ErrNotTaken means that DT accepted a change and the connector is still not as
	// wanted. Somebody else may be changing it at the same time.
	ErrNotTaken = errors.New("the connector was changed, but is not as wanted")
)

// Config is what a Function works with.
type Config struct {
	Client *dtapi.Client // required
	// Connectors are those to configure, in this order. Required.
	Connectors []dtapi.ConnectorName
	// Wanted is what each of them is to be set to. What a Change leaves out stays
	// as it is.
	Wanted map[dtapi.ConnectorName]dtapi.Change
	// DryRun reports what would be changed, and changes nothing.
	DryRun bool
}

// A Function configures connectors.
type Function struct{ config Config }

// New returns a Function, or an error when a part is missing.
func New(c Config) (*Function, error) {
	if c.Client == nil || len(c.Connectors) == 0 {
		return nil, errors.New("configure: a client and at least one connector are required")
	}
	for _, name := range c.Connectors {
		if c.Wanted[name].IsZero() {
			return nil, fmt.Errorf("configure: nothing is wanted of %s", name)
		}
	}
	return &Function{config: c}, nil
}

// A Report says what a run found and did. There is no secret in it.
type Report struct {
	DryRun     bool              `json:"dryRun"`
	Connectors []ConnectorReport `json:"connectors"`
}

// A ConnectorReport says what a run found and did at one connector.
type ConnectorReport struct {
	Connector string `json:"connector"`
	// Differences are what was not as wanted; empty when all was.
	Differences []Difference `json:"differences"`
	// Changed means that it is as wanted now, and was not before.
	Changed bool   `json:"changed"`
	Error   string `json:"error,omitempty"`
}

// Run configures all connectors, one after another, and goes on after one fails.
// The error joins one for each that failed, and names it.
func (f *Function) Run(ctx context.Context) (Report, error) {
	report := Report{DryRun: f.config.DryRun}
	var errs []error
	for _, name := range f.config.Connectors {
		r := ConnectorReport{Connector: string(name), Differences: []Difference{}}
		if err := f.configure(ctx, name, &r); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			r.Error = err.Error()
		}
		report.Connectors = append(report.Connectors, r)
	}
	return report, errors.Join(errs...)
}

func (f *Function) configure(ctx context.Context, name dtapi.ConnectorName, r *ConnectorReport) error {
	is, err := f.config.Client.Connector(ctx, name)
	if err != nil {
		return err
	}
	wanted := f.config.Wanted[name]
	change, differences, err := diff(is, wanted)
	r.Differences = differences
	if err != nil || change.IsZero() || f.config.DryRun {
		return err
	}
	if _, err := f.config.Client.UpdateConnector(ctx, name, change); err != nil {
		return err
	}
	// What the update answers is not what a later reader sees, if DT did not take
	// all of it.
	if is, err = f.config.Client.Connector(ctx, name); err != nil {
		return fmt.Errorf("reading back what was changed: %w", err)
	}
	if rest, _, err := diff(is, wanted); err != nil || !rest.IsZero() {
		return errors.Join(fmt.Errorf("%w: %v differ", ErrNotTaken, rest.Paths()), err)
	}
	r.Changed = true
	return nil
}
