// Package wiring puts the server together: settings, the receive function, its
// sinks, the schedule, and what it tells of itself.
package wiring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // it stopped because of an error, or a function did not succeed
	exitMisused = 2 // wrong settings or arguments; nothing was tried
)

// A Process is the world around the server.
type Process struct {
	// Args are the arguments, without the program's name: none to serve, or the name
	// of a scheduled function to run it once.
	Args    []string
	Environ []string
	// Stdout is where stdout: sinks and reports go, and Stderr where the log goes.
	Stdout io.Writer
	Stderr io.Writer
	// Sinks are further kinds of sinks; nil means those of the server alone.
	Sinks sink.Drivers
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run runs the server until ctx ends, and returns its exit code.
func Run(ctx context.Context, p Process) int {
	if p.Now == nil {
		p.Now = time.Now
	}
	env := settings.FromEnviron(p.Environ)
	a := &app{Process: p, env: env, database: database(env)}
	a.drivers = drivers{
		stdout: p.Stdout, postgres: postgres.NewOpener(a.database), objects: s3.Access{Environment: env, Now: p.Now},
		shared: new(pool), more: p.Sinks,
	}
	return a.report(a.run(ctx))
}

// An app is one run of the server.
type app struct {
	Process
	env      settings.Environment
	database secret.Text
	drivers  drivers
}

func (a *app) run(ctx context.Context) error {
	switch {
	case len(a.Args) == 0:
		return a.serve(ctx)
	case len(a.Args) == 1 && slices.Contains(scheduled.Names(), a.Args[0]):
		return a.runOnce(ctx, a.Args[0])
	case len(a.Args) == 1 && (a.Args[0] == "version" || a.Args[0] == "--version"):
		fmt.Fprintln(a.Stdout, version())
		return nil
	}
	return fmt.Errorf("%w: server takes no argument, to serve on PORT; or one of %s, to run that function once; or version",
		errMisused, strings.Join(scheduled.Names(), ", "))
}

var errMisused = errors.New("wrong arguments")

// report says what went wrong and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(a.Stderr, "server: %v\n", err)
	var wrong *settings.Error
	if errors.Is(err, errMisused) || errors.As(err, &wrong) {
		return exitMisused
	}
	return exitFailed
}

// version returns the version that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
