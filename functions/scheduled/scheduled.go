// Package scheduled makes the functions that schedules call, sync, configure and
// recover, from settings, by their names: what every platform's adapter needs.
package scheduled

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// ErrUnknown means that there is no scheduled function of that name.
var ErrUnknown = errors.New("no such scheduled function")

// Parts are what settings cannot say: what a platform brings along.
type Parts struct {
	// Sinks returns the platform's sinks; those that forward sign with signer, which
	// may be nil. Only recover needs it.
	Sinks func(signer *signature.Signer) sink.Drivers
	// Checkpoints are the platform's checkpoint stores. Only recover needs them.
	Checkpoints checkpoint.Drivers
	// Client calls DT's REST API; nil means one with sensible timeouts.
	Client *http.Client
	// Logger returns the log of that level; nil means that nothing is logged.
	Logger func(level slog.Level) *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Names returns the names of the functions.
func Names() []string { return []string{"sync", "configure", "recover"} }

// A Function does its work once a Run. It is not for concurrent use.
type Function interface {
	// Run does the work. The report is to be encoded as JSON; it is there beside an
	// error too, which joins what went wrong at each connector.
	Run(ctx context.Context) (report any, err error)
	// Close frees what the function uses.
	Close() error
}

// Run opens the function of that name, runs it once and closes it. The report is
// JSON, and there beside an error too once the function has run.
func Run(ctx context.Context, name string, env settings.Environment, p Parts) (report json.RawMessage, err error) {
	f, err := Open(ctx, name, env, p)
	if err != nil {
		return nil, err
	}
	result, err := f.Run(ctx)
	report, encodeErr := json.Marshal(result)
	return report, errors.Join(err, encodeErr, f.Close())
}

// Open makes the function of that name. The error is a *settings.Error when settings
// are wrong, and wraps ErrUnknown when there is no such function.
func Open(ctx context.Context, name string, env settings.Environment, p Parts) (Function, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Logger == nil {
		p.Logger = func(slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) }
	}
	switch name {
	case "sync":
		return openSync(ctx, env, p)
	case "configure":
		return openConfigure(ctx, env, p)
	case "recover":
		return openRecover(ctx, env, p)
	}
	return nil, fmt.Errorf("%w: %.100q; there are %s", ErrUnknown, name, strings.Join(Names(), ", "))
}

// newClient makes the client of DT's REST API, which logs each request at the level
// debug.
func (p Parts) newClient(a settings.API, log *slog.Logger) (*dtapi.Client, error) {
	return dtapi.New(dtapi.Config{
		URL: a.URL, TokenURL: a.TokenURL, Credentials: a.Credentials, Client: p.Client, Now: p.Now,
		Observe: func(c dtapi.Call) {
			log.Debug("request to DT", "method", c.Method, "path", c.Path, "status", c.Status, "attempt", c.Attempt,
				"wait", c.Wait.String(), "took", c.Took.String(), "requestId", c.RequestID, "error", c.Err)
		},
	})
}

// start makes the log and writes the settings' warnings to it.
func (p Parts) start(ctx context.Context, level slog.Level, warnings []string) *slog.Logger {
	log := p.Logger(level)
	for _, warning := range warnings {
		log.WarnContext(ctx, warning)
	}
	return log
}

// logResult writes one line about a connector.
func logResult(ctx context.Context, log *slog.Logger, function, connector, fault string, report any) {
	level := slog.LevelInfo
	if fault != "" {
		level = slog.LevelError
	}
	log.Log(ctx, level, cmp.Or(fault, "done"), "function", function, "connector", connector, "report", report)
}

type function struct {
	run   func(ctx context.Context) (any, error)
	close func() error
}

func (f function) Run(ctx context.Context) (any, error) { return f.run(ctx) }
func (f function) Close() error                         { return f.close() }

func nothing() error { return nil }
