package secrets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// Resolve returns env with secrets in the place of references to them, wherever a
// setting is a secret. The error names every variable whose secret could not be read.
func Resolve(ctx context.Context, env settings.Environment, client *awsapi.Client) (settings.Environment, error) {
	resolved := maps.Clone(env)
	var (
		mu   sync.Mutex
		errs []error
		done sync.WaitGroup
	)
	for _, v := range settings.Table() {
		r, ok, err := ParseReference(env[v.Name])
		switch {
		case !v.Secret || !ok:
			continue
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", v.Name, err))
			continue
		}
		done.Go(func() {
			text, err := read(ctx, client, r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, r.wrap(v.Name, err))
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

// Open returns env as Resolve does, and the signature secrets, nil when none of them
// is a reference. What it returns of them in env is for the settings to be checked
// by; those that are refreshed are the ones to verify with.
func Open(ctx context.Context, c SignatureConfig) (settings.Environment, *Signature, error) {
	others := maps.Clone(c.Env)
	for _, name := range signatureVariables {
		delete(others, name)
	}
	var (
		signature    *Signature
		signatureErr error
		done         sync.WaitGroup
	)
	done.Go(func() { signature, signatureErr = NewSignature(ctx, c) })
	env, err := Resolve(ctx, others, c.Client)
	done.Wait()
	if err := errors.Join(signatureErr, err); err != nil {
		return nil, nil, err
	}
	if signature == nil {
		for _, name := range signatureVariables {
			env[name] = c.Env[name]
		}
		return env, nil, nil
	}
	if values := signature.Secrets(); len(values) > 0 {
		env[signatureVariables[0]] = string(values[0])
	}
	return env, signature, nil
}
