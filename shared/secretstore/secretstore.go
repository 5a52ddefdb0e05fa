// Package secretstore puts the secrets of a platform's store in the place of the
// references to them in the settings, and keeps the signature secrets fresh while a
// process runs.
package secretstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// A Store is a platform's store of secrets. It is safe for concurrent use. No error
// shows a secret; each says what to look at.
type Store interface {
	// Refers tells whether a setting's value is a reference to this store, a faulty one
	// too: that is never taken for the secret itself.
	Refers(value string) bool
	// Read returns the secret that a reference names.
	Read(ctx context.Context, reference string) (string, error)
	// Versions returns the secrets that may be in use while the one that a reference
	// names is being changed: the current one first, then the one before and, where a
	// store knows it, the one to come.
	Versions(ctx context.Context, reference string) ([]string, error)
}

// Resolve returns env with secrets in the place of references to them, wherever a
// setting is a secret. The error names every variable whose secret could not be read.
func Resolve(ctx context.Context, env settings.Environment, s Store) (settings.Environment, error) {
	resolved := maps.Clone(env)
	var (
		mu   sync.Mutex
		errs []error
		done sync.WaitGroup
	)
	for _, v := range settings.Table() {
		reference := env[v.Name]
		if !v.Secret || !s.Refers(reference) {
			continue
		}
		done.Go(func() {
			text, err := s.Read(ctx, reference)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", v.Name, err))
				return
			}
			resolved[v.Name] = text
		})
	}
	done.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return resolved, nil
}

// Open returns the settings as Resolve does, and the signature secrets, nil when none of
// them is a reference. What it returns of them in the settings is for those to be
// checked by; the ones that are refreshed are the ones to verify with.
func Open(ctx context.Context, c Config) (settings.Environment, *Signature, error) {
	others := maps.Clone(c.Env)
	for _, name := range signatureVariables() {
		delete(others, name)
	}
	var (
		signature    *Signature
		signatureErr error
		done         sync.WaitGroup
	)
	done.Go(func() { signature, signatureErr = newSignature(ctx, c) })
	env, err := Resolve(ctx, others, c.Store)
	done.Wait()
	if err := errors.Join(signatureErr, err); err != nil {
		return nil, nil, err
	}
	if signature == nil {
		for _, name := range signatureVariables() {
			env[name] = c.Env[name]
		}
		return env, nil, nil
	}
	if values := signature.Secrets(); len(values) > 0 {
		env[currentVariable] = string(values[0])
	}
	return env, signature, nil
}
