// Package settings turns environment variables into typed settings, and secrets
// into values that cannot be printed.
//
// Everything that is wrong is reported at once, in an [Error]. What is only
// doubtful comes as warnings, texts for the log that begin with the variable's
// name. Neither ever holds a secret. [Table] lists all variables.
package settings

import (
	"log/slog"
	"strings"
)

// Receive is what the function receive is set to.
type Receive struct {
	Verification Verification
	Handling
	// LogLevel is the least level that is logged (DT_LOG_LEVEL).
	LogLevel slog.Level
	// Warnings say, one a text, what may be a mistake. They are there beside an
	// error too, since a mistyped name may be its cause.
	Warnings []string
}

// LoadReceive reads the settings of receive from env. drivers are the sinks that
// this program can open.
//
// The error is an *[Error] with everything that is wrong. It fails closed:
// settings with which nothing could be verified are wrong.
func LoadReceive(env Environment, drivers Drivers) (Receive, error) {
	l := newLoader(env)
	r := Receive{
		Verification: l.verification(),
		Handling:     l.handling(drivers),
		LogLevel:     l.level(),
	}
	if !r.ForwardSecret.IsZero() {
		for _, name := range []string{signatureSecret, signatureSecretPrevious} {
			if l.env[name] == r.ForwardSecret.Reveal() {
				l.warn(forwardSecret, "the same as "+name+": whoever verifies what is forwarded could forge DT's events")
			}
		}
	}
	l.warnUnknown()
	r.Warnings = l.warnings
	if err := l.end(); err != nil {
		return Receive{Warnings: l.warnings}, err
	}
	return r, nil
}

// level returns the level of the log, by one of the four names that are
// documented; slog would take "info-3" too.
func (l *loader) level() slog.Level {
	text := l.text(logLevel)
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug
	case "", "info":
		return slog.LevelInfo
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	l.fault(logLevel, quote(text)+" is not a level")
	return slog.LevelInfo
}
