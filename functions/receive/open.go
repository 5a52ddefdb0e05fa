package receive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// Parts are what settings cannot say: what a platform brings along.
type Parts struct {
	// Drivers returns the platform's sinks; those that forward sign with signer,
	// which may be nil.
	Drivers func(signer *signature.Signer) sink.Drivers
	// Secrets replaces the secrets in the settings, on platforms where they come
	// from a store and may change while the process runs. nil means those in the
	// settings.
	Secrets func() [][]byte
	// Client fetches the issuer's keys; nil means one with no special settings.
	Client *http.Client
	// Observer is told of every request; nil means nobody is.
	Observer telemetry.Observer
	// Path is the only path that is served; "" means every path.
	Path string
	// Now is the clock that tokens are verified and signed by; nil means
	// time.Now. A simulated cloud has a time of its own.
	Now func() time.Time
}

// Open makes the Function that s asks for, its sinks opened. Close it after the
// last request.
func Open(ctx context.Context, s settings.Receive, p Parts) (*Function, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	verifier, err := newVerifier(s.Verification, p)
	if err != nil {
		return nil, err
	}
	drivers, err := newDrivers(s.ForwardSecret, p)
	if err != nil {
		return nil, err
	}
	c := Config{
		Verifier: verifier, Filter: s.Filter, Labels: s.Labels, Encoding: s.Encoding,
		Observer: p.Observer, Path: p.Path,
	}
	urls := make([]string, len(s.Sinks))
	for i, u := range s.Sinks {
		urls[i] = u.Reveal()
	}
	if c.Sink, err = drivers.Open(ctx, urls); err != nil {
		return nil, fmt.Errorf("DT_SINK: %w", err)
	}
	if !s.DeadLetter.IsZero() {
		if c.DeadLetter, err = drivers.Open(ctx, []string{s.DeadLetter.Reveal()}); err != nil {
			return nil, errors.Join(fmt.Errorf("DT_DEAD_LETTER: %w", err), c.Sink.Close())
		}
	}
	return New(c)
}

// Close closes the sinks that the function publishes to.
func (f *Function) Close() error {
	err := f.config.Sink.Close()
	if f.config.DeadLetter != nil {
		err = errors.Join(err, f.config.DeadLetter.Close())
	}
	return err
}

func newVerifier(v settings.Verification, p Parts) (*signature.Verifier, error) {
	c := signature.Config{
		Secrets: p.Secrets, Organization: v.Organization, Issuer: v.Issuer,
		AllowSHA1: v.AllowSHA1, Now: p.Now,
	}
	if c.Secrets == nil && !v.Secret.IsZero() {
		c.Secrets = signature.StaticSecrets(v.Secret.Reveal(), v.PreviousSecret.Reveal())
	}
	if v.Organization != "" {
		keys, err := signature.NewKeySet(v.Issuer, p.Client, p.Now)
		if err != nil {
			return nil, fmt.Errorf("DT_OIDC_ISSUER: %w", err)
		}
		c.Keys = keys
	}
	return signature.NewVerifier(c)
}

func newDrivers(key secret.Text, p Parts) (sink.Drivers, error) {
	if key.IsZero() {
		return p.Drivers(nil), nil
	}
	signer, err := signature.NewSigner([]byte(key.Reveal()), signature.WithSignerClock(p.Now))
	if err != nil {
		return nil, fmt.Errorf("DT_FORWARD_SECRET: %w", err)
	}
	return p.Drivers(signer), nil
}
