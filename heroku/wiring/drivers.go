package wiring

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/url"
	"sync"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

// drivers are the kinds of sinks and of checkpoint stores that the server has.
type drivers struct {
	stdout   io.Writer
	postgres postgres.Opener
	objects  s3.Access
	shared   *pool
	more     sink.Drivers
}

// sinks returns the sinks; those that forward sign with signer.
func (d drivers) sinks(signer *signature.Signer) sink.Drivers {
	all := sink.Portable{Stdout: d.stdout, Signer: signer}.Drivers()
	all["file"] = d.shared.over(all["file"])
	for _, scheme := range postgres.Schemes() {
		all[scheme] = d.shared.over(d.postgres.Sink)
	}
	for _, scheme := range kafka.Schemes() {
		all[scheme] = d.shared.over(kafka.Open)
	}
	maps.Copy(all, d.more)
	return all
}

// checkpoints returns the checkpoint stores.
func (d drivers) checkpoints() checkpoint.Drivers {
	all := checkpoint.Portable()
	for _, scheme := range postgres.Schemes() {
		all[scheme] = d.postgres.Checkpoints
	}
	all[s3.Scheme] = s3.Opener(d.objects)
	return all
}

// A pinger is a sink that can tell whether it could store now.
type pinger interface {
	Ping(ctx context.Context) error
}

// A watch knows the sinks that were opened through it, as far as they are pingers.
// A sink that is not is taken to be there.
type watch struct {
	mu      sync.Mutex
	pingers []pinger
}

// over returns the drivers d, with the watch knowing what they open.
func (w *watch) over(d func(*signature.Signer) sink.Drivers) func(*signature.Signer) sink.Drivers {
	return func(signer *signature.Signer) sink.Drivers {
		watched := make(sink.Drivers)
		for scheme, open := range d(signer) {
			watched[scheme] = func(ctx context.Context, u *url.URL) (sink.Sink, error) {
				s, err := open(ctx, u)
				if p, ok := s.(pinger); ok && err == nil {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.pingers = append(w.pingers, p)
				}
				return s, err
			}
		}
		return watched
	}
}

// Ping asks all of them at once.
func (w *watch) Ping(ctx context.Context) error {
	w.mu.Lock()
	pingers := w.pingers
	w.mu.Unlock()
	errs := make([]error, len(pingers))
	var wait sync.WaitGroup
	for i, p := range pingers {
		wait.Go(func() { errs[i] = p.Ping(ctx) })
	}
	wait.Wait()
	return errors.Join(errs...)
}
