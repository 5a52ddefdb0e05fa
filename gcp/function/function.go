// Package function has the Cloud Run functions of Google Cloud: Receive, which a Data
// Connector calls, and Sync, Configure and Recover, which Cloud Scheduler calls.
package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/gcp/trace"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// receiveName is the function that a Data Connector calls; the scheduled ones are
// called by their names with a capital letter.
const receiveName = "Receive"

// A Process is the world around the functions.
type Process struct {
	Environ []string
	// Stdout is where stdout: sinks go, and Stderr where the log goes.
	Stdout io.Writer
	Stderr io.Writer
	// Exit ends the process.
	Exit func(code int)
	// Sinks are further sinks; nil means none.
	Sinks sink.Drivers
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// System is this process.
func System() Process {
	return Process{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Exit: os.Exit}
}

// Register registers the functions with the Functions Framework, whose functions.HTTP
// is register.
//
// The one that the environment variable FUNCTION_TARGET names is opened at once: with
// wrong settings the process ends, with a message that names all of them, and Cloud
// Run shows a revision that does not start. Without a target, which is how the
// framework runs on a developer's machine, each is opened by its first request.
func Register(p Process, register func(name string, fn func(http.ResponseWriter, *http.Request))) {
	if p.Now == nil {
		p.Now = time.Now
	}
	env := settings.FromEnviron(p.Environ)
	b := &bundle{Process: p, env: env, drivers: newDrivers(env, p)}
	target := env["FUNCTION_TARGET"]
	receiver := sync.OnceValues(func() (http.Handler, error) { return b.openReceive(context.Background()) })
	if target == receiveName {
		if _, err := receiver(); err != nil {
			fmt.Fprintln(p.Stderr, err)
			p.Exit(1)
			return
		}
	}
	register(receiveName, func(w http.ResponseWriter, r *http.Request) {
		h, err := receiver()
		if err != nil {
			b.fail(w, r, err)
			return
		}
		h.ServeHTTP(w, r.WithContext(trace.WithRequest(r.Context(), r)))
	})
	for _, name := range scheduled.Names() {
		title := strings.ToUpper(name[:1]) + name[1:]
		if target == title {
			b.check(name)
		}
		register(title, func(w http.ResponseWriter, r *http.Request) { b.run(w, r, name) })
	}
}

// A bundle is what the functions share.
type bundle struct {
	Process
	env     settings.Environment
	drivers drivers
}

func (b *bundle) openReceive(ctx context.Context) (http.Handler, error) {
	s, err := settings.LoadReceive(b.env, b.drivers.sinks(nil))
	if err != nil {
		return nil, err
	}
	logger := b.logger(s.LogLevel)
	for _, warning := range s.Warnings {
		logger.WarnContext(ctx, warning)
	}
	f, err := receive.Open(ctx, s, receive.Parts{Drivers: b.drivers.sinks, Observer: telemetry.LogObserver(logger), Path: b.path(), Now: b.Now})
	if err != nil {
		return nil, err
	}
	return receivehttp.NewHandler(f), nil
}

// path is where the framework serves Receive.
func (b *bundle) path() string {
	if b.env["FUNCTION_TARGET"] == "" {
		return "/" + receiveName
	}
	return "/"
}

func (b *bundle) parts() scheduled.Parts {
	return scheduled.Parts{Sinks: b.drivers.sinks, Checkpoints: b.drivers.checkpoints(), Logger: b.logger, Now: b.Now}
}

// check ends the process if a scheduled function cannot be opened.
func (b *bundle) check(name string) {
	f, err := scheduled.Open(context.Background(), name, b.env, b.parts())
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		fmt.Fprintln(b.Stderr, err)
		b.Exit(1)
	}
}

// run runs a scheduled function. Who may call it is for Cloud Run's IAM to say: the
// headers of Cloud Scheduler can be forged.
func (b *bundle) run(w http.ResponseWriter, r *http.Request, name string) {
	report, err := scheduled.Run(trace.WithRequest(r.Context(), r), name, b.env, b.parts())
	if report == nil {
		b.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = w.Write(report) // whoever is gone needs no report
}

// fail answers that a function could not be opened; why is in the log alone.
func (b *bundle) fail(w http.ResponseWriter, r *http.Request, err error) {
	b.logger(slog.LevelInfo).ErrorContext(trace.WithRequest(r.Context(), r), "the function cannot start", "error", err.Error())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	_ = json.NewEncoder(w).Encode(map[string]string{"outcome": "error", "reason": reason(err)})
}

func reason(err error) string {
	if _, ok := errors.AsType[*settings.Error](err); ok {
		return "settings"
	}
	return "start"
}

// logger returns a log whose lines Cloud Logging understands.
func (b *bundle) logger(level slog.Level) *slog.Logger {
	log := telemetry.NewLogger(b.Stderr, level, telemetry.WithClock(b.Now), telemetry.WithNames(telemetry.Names{
		Level: "severity", Message: "message", LevelText: severity,
	}))
	return slog.New(trace.NewHandler(log.Handler(), b.env["GOOGLE_CLOUD_PROJECT"]))
}

// severity returns what Cloud Logging calls a level (LogSeverity).
func severity(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARNING"
	case level >= slog.LevelInfo:
		return "INFO"
	}
	return "DEBUG"
}
