// Package wiring puts the OpenWhisk action together: settings, the functions, and the
// sinks and checkpoint stores that it has.
package wiring

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/ibm/actionloop"
	"github.com/dt-functions/dt-functions/ibm/webaction"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// A Process is the world around the action.
type Process struct {
	Environ []string
	// In and Out are the proxy's ends: standard input and file descriptor 3.
	In  io.Reader
	Out io.Writer
	// Stdout is where stdout: sinks go, and Stderr where the log goes.
	Stdout io.Writer
	Stderr io.Writer
	// Sinks are further sinks; nil means none.
	Sinks sink.Drivers
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run answers activations until there are no more.
func Run(ctx context.Context, p Process) error {
	if p.Now == nil {
		p.Now = time.Now
	}
	env := settings.FromEnviron(p.Environ)
	a := &action{Process: p, env: env}
	loop := actionloop.Loop{
		In: p.In, Out: p.Out, Acknowledge: env["__OW_WAIT_FOR_ACK"] != "", Handle: a.handle,
		Log: func(err error) { a.logger(slog.LevelInfo).Error("activation", "error", err.Error()) },
	}
	err := loop.Run(ctx)
	if a.function != nil {
		return joined(err, a.function.Close())
	}
	return err
}

func joined(err, closed error) error {
	if err != nil {
		return err
	}
	return closed
}

// An action is one instance.
type action struct {
	Process
	env settings.Environment

	function *receive.Function    // nil until the first web request
	openedBy settings.Environment // what it was opened with
}

func (a *action) handle(ctx context.Context, activation actionloop.Activation) any {
	env := a.environment(activation)
	if webaction.Is(activation) {
		return a.receive(ctx, env, webaction.Request(activation))
	}
	return a.scheduled(ctx, env, activation)
}

// environment returns the settings: the process's environment, and over it the
// parameters that are bound to the action. A sender cannot set any: with raw HTTP
// handling, what is in a request is in __ow_ parameters alone.
func (a *action) environment(activation actionloop.Activation) settings.Environment {
	env := maps.Clone(a.env)
	if webaction.Is(activation) && activation.Value["__ow_body"] == nil {
		return env // not raw: the parameters may be the sender's
	}
	for name, raw := range activation.Value {
		var value string
		if isSetting(name) && json.Unmarshal(raw, &value) == nil {
			env[name] = value
		}
	}
	return env
}

// isSetting reports whether a parameter of that name is a setting.
func isSetting(name string) bool {
	switch name {
	case s3.VariableAccessKeyID, s3.VariableSecretAccessKey, s3.VariableSessionToken, s3.VariableRegion:
		return true
	}
	return strings.HasPrefix(name, "DT_")
}

func (a *action) receive(ctx context.Context, env settings.Environment, r receive.Request) any {
	if err := a.open(ctx, env); err != nil {
		a.logger(slog.LevelInfo).ErrorContext(ctx, "the action cannot start", "error", err.Error())
		return webaction.Response{
			StatusCode: http.StatusInternalServerError, Headers: map[string]string{"Content-Type": "application/json"},
			Body: json.RawMessage(`{"outcome":"error","reason":"settings"}`),
		}
	}
	return webaction.NewResponse(a.function.Handle(ctx, r))
}

// open opens the receive function, anew when the parameters have changed.
func (a *action) open(ctx context.Context, env settings.Environment) error {
	if a.function != nil && maps.Equal(env, a.openedBy) {
		return nil
	}
	s, err := settings.LoadReceive(env, a.sinks(nil))
	if err != nil {
		return err
	}
	logger := a.logger(s.LogLevel)
	for _, warning := range s.Warnings {
		logger.WarnContext(ctx, warning)
	}
	f, err := receive.Open(ctx, s, receive.Parts{Drivers: a.sinks, Observer: telemetry.LogObserver(logger), Now: a.Now})
	if err != nil {
		return err
	}
	if a.function != nil {
		if err := a.function.Close(); err != nil {
			logger.ErrorContext(ctx, "closing the sinks", "error", err.Error())
		}
	}
	a.function, a.openedBy = f, env
	return nil
}

// scheduled runs the function that the parameter job names.
func (a *action) scheduled(ctx context.Context, env settings.Environment, activation actionloop.Activation) any {
	var job string
	_ = json.Unmarshal(activation.Value["job"], &job) // "" is no job
	report, err := scheduled.Run(ctx, job, env, scheduled.Parts{
		Sinks: a.sinks, Checkpoints: a.checkpoints(env), Logger: a.logger, Now: a.Now,
	})
	answer := map[string]any{"job": job}
	if report != nil {
		answer["report"] = report
	}
	if err != nil {
		// OpenWhisk takes an activation whose answer has this member for a failed one.
		answer["error"] = err.Error()
	}
	return answer
}

// sinks returns the sinks; those that forward sign with signer.
func (a *action) sinks(signer *signature.Signer) sink.Drivers {
	all := sink.Portable{Stdout: a.Stdout, Signer: signer}.Drivers()
	maps.Copy(all, a.Sinks)
	return all
}

// checkpoints returns the checkpoint stores.
func (a *action) checkpoints(env settings.Environment) checkpoint.Drivers {
	all := checkpoint.Portable()
	all[s3.Scheme] = s3.Opener(s3.Access{Environment: env, Now: a.Now})
	return all
}

func (a *action) logger(level slog.Level) *slog.Logger {
	return telemetry.NewLogger(a.Stderr, level, telemetry.WithClock(a.Now))
}
