package receive

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/shared/handling"
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
	// time.Now.
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
	handler, err := handling.Open(ctx, s.Handling, p.Drivers, p.Now)
	if err != nil {
		return nil, err
	}
	return New(Config{Verifier: verifier, Handler: *handler, Observer: p.Observer, Path: p.Path})
}

// Close closes the sinks that the function publishes to.
func (f *Function) Close() error { return f.config.Handler.Close() }

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
