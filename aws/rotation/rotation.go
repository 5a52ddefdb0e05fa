// Package rotation changes the secret that Data Connectors sign with, as Secrets
// Manager asks for it, without an event being refused.
//
// Secrets Manager calls the function four times (Secrets Manager User Guide, "Lambda
// rotation functions"). The order of what happens is this:
//
//  1. createSecret makes a new secret and stores it as AWSPENDING. Receivers accept
//     AWSCURRENT, AWSPREVIOUS and AWSPENDING, and read them again every 5 minutes.
//  2. setSecret waits until the pending secret is older than that, so that every
//     receiver knows it. Only then does it give it to the connectors: from here on
//     DT signs with it.
//  3. testSecret reads the connectors back.
//  4. finishSecret makes the pending secret AWSCURRENT; the one before becomes
//     AWSPREVIOUS and is accepted until the next rotation. So what DT has signed and
//     not delivered yet is accepted too: rotate no more often than once a day, since
//     DT delivers for up to 12 hours.
//
// Each step can be repeated: it looks at what is there first. When one fails nothing
// is worse than before, since at every moment receivers know the secret that each
// connector signs with.
package rotation

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secretstore"
)

// Settle is how old a pending secret must be before connectors sign with it: as old
// as what receivers know can be, and half a minute for a receiver's reading.
const Settle = secretstore.RefreshInterval + 30*time.Second

// ErrTooShort means that the function's time ends before receivers know the secret.
var ErrTooShort = errors.New("the function's timeout is too short for the wait until all receivers know the new secret; set it to 600 s")

// DT is what is needed of DT's API; *dtapi.Client has it.
type DT interface {
	Connector(ctx context.Context, name dtapi.ConnectorName) (dtapi.Connector, error)
	UpdateConnector(ctx context.Context, name dtapi.ConnectorName, change dtapi.Change) (dtapi.Connector, error)
}

// Config is what a Function works with.
type Config struct {
	Client *awsapi.Client
	// Secret is the one to change; one of Secrets Manager.
	Secret secrets.Reference
	// DT and Connectors are where it is changed; at least one.
	DT         DT
	Connectors []dtapi.ConnectorName
	// Logger is told of what was done; nil means nobody is.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Sleep waits; nil means by a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Random is what secrets are made of; nil means crypto/rand.
	Random io.Reader
}

// A Function rotates one secret.
type Function struct {
	config  Config
	service *awsapi.Service
}

// An Event is what Secrets Manager hands over.
type Event struct {
	Step               string // createSecret, setSecret, testSecret or finishSecret
	SecretID           string `json:"SecretId"`
	ClientRequestToken string // the id of the new version
}

// New returns a Function.
func New(c Config) (*Function, error) {
	switch {
	case c.Secret.ID == "" || c.Secret.Parameter:
		return nil, errors.New("rotation: a secret of Secrets Manager is required")
	case c.DT == nil || len(c.Connectors) == 0:
		return nil, errors.New("rotation: connectors are required")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	arn, _ := awsapi.ParseARN(c.Secret.ID)
	service, err := c.Client.Service("secretsmanager", arn.Region, "")
	if err != nil {
		return nil, err
	}
	return &Function{config: c, service: service}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Handle does one step.
func (f *Function) Handle(ctx context.Context, e Event) error {
	step, ok := map[string]func(context.Context, Event, description) error{
		"createSecret": f.create, "setSecret": f.set, "testSecret": f.test, "finishSecret": f.finish,
	}[e.Step]
	if !ok {
		return fmt.Errorf("rotation: %.40q is not a step", e.Step)
	}
	d, err := f.describe(ctx, e)
	if err != nil {
		return fmt.Errorf("rotation: %s: %w", e.Step, err)
	}
	if d.has(e.ClientRequestToken, secrets.Current) {
		f.config.Logger.InfoContext(ctx, "rotation: the new secret is in use already", "step", e.Step)
		return nil
	}
	if !d.has(e.ClientRequestToken, secrets.Pending) {
		return fmt.Errorf("rotation: %s: the version is not pending for this secret", e.Step)
	}
	if err := step(ctx, e, d); err != nil {
		return fmt.Errorf("rotation: %s: %w", e.Step, err)
	}
	f.config.Logger.InfoContext(ctx, "rotation: step done", "step", e.Step)
	return nil
}

// create stores a new secret as pending.
func (f *Function) create(ctx context.Context, e Event, d description) error {
	if _, err := f.pending(ctx, e); err == nil || !isNotFound(err) {
		return err // it is there already, or cannot be known
	}
	var random [32]byte
	if _, err := io.ReadFull(f.config.Random, random[:]); err != nil {
		return err
	}
	text, err := f.config.Secret.Insert(d.current, base64.RawURLEncoding.EncodeToString(random[:]))
	if err != nil {
		return err
	}
	return f.put(ctx, e, text)
}
