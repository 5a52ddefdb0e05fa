// Package wiring puts the handler together: settings, the functions, and the sinks and
// checkpoint stores of Azure.
package wiring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/azure/host"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // it stopped because of an error
	exitMisused = 2 // wrong settings; nothing was served
)

// A Process is the world around the handler.
type Process struct {
	Environ []string
	// Stdout is where stdout: sinks go, and Stderr where the log goes. The host reads
	// both and passes them on to Application Insights.
	Stdout io.Writer
	Stderr io.Writer
	// Sinks are kinds of sinks that there are besides Azure's and those of every
	// program.
	Sinks sink.Drivers
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run serves the Functions host until ctx ends, and returns the exit code.
func Run(ctx context.Context, p Process) int {
	if p.Now == nil {
		p.Now = time.Now
	}
	env := settings.FromEnviron(p.Environ)
	a := &app{Process: p, env: env, drivers: newDrivers(env, p)}
	err := a.serve(ctx)
	if err == nil {
		return exitOK
	}
	// The host shows lines with the word error as errors.
	fmt.Fprintf(p.Stderr, "error: %v\n", err)
	if _, ok := errors.AsType[*settings.Error](err); ok {
		return exitMisused
	}
	return exitFailed
}

// An app is one run of the handler.
type app struct {
	Process
	env     settings.Environment
	drivers drivers
}

func (a *app) serve(ctx context.Context) error {
	address, addressErr := host.Address(a.env)
	env, signature, err := secretstore.Open(ctx, secretstore.Config{
		Env: a.env, Store: a.drivers.secrets, Now: a.Now, Logger: a.logger(slog.LevelInfo),
	})
	if err != nil {
		return errors.Join(addressErr, err)
	}
	s, err := settings.LoadReceive(env, a.drivers.sinks(nil))
	if err := errors.Join(addressErr, err); err != nil {
		return err
	}
	logger := a.logger(s.LogLevel)
	for _, warning := range s.Warnings {
		logger.WarnContext(ctx, warning)
	}
	parts := receive.Parts{Drivers: a.drivers.sinks, Observer: telemetry.LogObserver(logger), Now: a.Now}
	if signature != nil {
		parts.Secrets = signature.Secrets
	}
	f, err := receive.Open(ctx, s, parts)
	if err != nil {
		return err
	}
	h := receivehttp.NewHandler(host.Exact(f))
	if signature != nil {
		h = refreshing(signature, h)
	}
	return errors.Join(a.listen(ctx, address, h, logger), f.Close())
}

// refreshing keeps the signature secrets fresh, before each request.
func refreshing(s *secretstore.Signature, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Refresh(r.Context())
		h.ServeHTTP(w, r)
	})
}

// listen serves the host; what is for receive goes to h.
func (a *app) listen(ctx context.Context, address string, h http.Handler, logger *slog.Logger) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("the Functions host's port: %w", err)
	}
	logger.InfoContext(ctx, "listening", "address", listener.Addr().String())
	return receivehttp.Serve(ctx, listener, host.NewHandler(host.Functions{
		Receive:   h,
		Scheduled: scheduled.Names(),
		Run:       a.scheduledRun(ctx),
	}), logger)
}

func (a *app) logger(level slog.Level) *slog.Logger {
	return telemetry.NewLogger(a.Stderr, level, telemetry.WithClock(a.Now))
}
