package rotation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// set gives the pending secret to the connectors, once all receivers know it.
func (f *Function) set(ctx context.Context, e Event, _ description) error {
	p, err := f.pending(ctx, e)
	if err != nil {
		return err
	}
	var remaining []dtapi.ConnectorName
	for _, name := range f.config.Connectors {
		signsWithIt, err := f.signsWith(ctx, name, p.secret)
		if err != nil {
			return err
		}
		if !signsWithIt {
			remaining = append(remaining, name)
		}
	}
	if len(remaining) == 0 {
		return nil
	}
	if err := f.settle(ctx, p); err != nil {
		return err
	}
	var errs []error
	for _, name := range remaining {
		if _, err := f.config.DT.UpdateConnector(ctx, name, dtapi.Change{SignatureSecret: &p.secret}); err != nil {
			errs = append(errs, err)
			continue
		}
		f.config.Logger.InfoContext(ctx, "rotation: the connector signs with the new secret", "connector", string(name))
	}
	return errors.Join(errs...)
}

// settle waits until all receivers know the pending secret.
func (f *Function) settle(ctx context.Context, p pending) error {
	wait := p.created.Add(Settle).Sub(f.config.Now())
	if wait <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Sub(f.config.Now()) < wait {
		return fmt.Errorf("%w: %s are left to wait", ErrTooShort, wait.Round(time.Second))
	}
	f.config.Logger.InfoContext(ctx, "rotation: waiting until all receivers know the new secret", "wait", wait.String())
	return f.config.Sleep(ctx, wait)
}

// test checks that the connectors have the pending secret.
func (f *Function) test(ctx context.Context, e Event, _ description) error {
	p, err := f.pending(ctx, e)
	if err != nil {
		return err
	}
	for _, name := range f.config.Connectors {
		ok, err := f.signsWith(ctx, name, p.secret)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("connector %s does not have the new secret; something else has changed it", name)
		}
	}
	return nil
}

func (f *Function) signsWith(ctx context.Context, name dtapi.ConnectorName, s secret.Text) (bool, error) {
	c, err := f.config.DT.Connector(ctx, name)
	if err != nil {
		return false, err
	}
	if c.HTTP == nil {
		return false, fmt.Errorf("connector %s is of type %.40q, which has no signature secret", name, c.Type)
	}
	return c.HTTP.SignatureSecret.Reveal() == s.Reveal(), nil
}
