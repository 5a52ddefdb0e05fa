package settings

import (
	"log/slog"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// Sync is what the function sync is set to.
type Sync struct {
	API API
	// Connectors are those to work on (DT_CONNECTORS); at least one, none twice.
	Connectors []dtapi.ConnectorName
	// LogLevel and Warnings are those of Receive.
	LogLevel slog.Level
	Warnings []string
}

// LoadSync reads the settings of sync from env. The error is an *[Error] with
// everything that is wrong.
func LoadSync(env Environment) (Sync, error) {
	l := newLoader(env)
	s := Sync{API: l.api(), Connectors: l.connectors(), LogLevel: l.level()}
	l.warnUnknown()
	s.Warnings = l.warnings
	if err := l.end(); err != nil {
		return Sync{Warnings: l.warnings}, err
	}
	return s, nil
}

// Configure is what the function configure is set to.
type Configure struct {
	API API
	// Connectors are those to work on (DT_CONNECTORS); at least one, none twice.
	Connectors []dtapi.ConnectorName
	// Wanted is what each of them is to be set to (DT_CONNECTOR_CONFIG, and the
	// signature secret by DT_SIGNATURE_SECRET); never empty.
	Wanted map[dtapi.ConnectorName]dtapi.Change
	// LogLevel and Warnings are those of Receive.
	LogLevel slog.Level
	Warnings []string
}

// LoadConfigure reads the settings of configure from env. The error is an *[Error]
// with everything that is wrong.
func LoadConfigure(env Environment) (Configure, error) {
	l := newLoader(env)
	c := Configure{API: l.api(), Connectors: l.connectors(), LogLevel: l.level()}
	c.Wanted = l.wanted(c.Connectors)
	l.warnUnknown()
	c.Warnings = l.warnings
	if err := l.end(); err != nil {
		return Configure{Warnings: l.warnings}, err
	}
	return c, nil
}

// Recover is what the function recover is set to.
type Recover struct {
	API API
	// Connectors are those to work on (DT_CONNECTORS); at least one, none twice.
	Connectors []dtapi.ConnectorName
	Handling
	// Checkpoint is where it is kept how far recover came (DT_CHECKPOINT).
	Checkpoint URL
	// UserDisabled says that connectors are enabled too which a user has disabled
	// (DT_RECOVER_USER_DISABLED).
	UserDisabled bool
	// Overlap is how far before the checkpoint events are fetched again
	// (DT_RECOVER_OVERLAP): some come to DT late.
	Overlap time.Duration
	// LogLevel and Warnings are those of Receive.
	LogLevel slog.Level
	Warnings []string
}

// DefaultOverlap is DT_RECOVER_OVERLAP when it is not set.
const DefaultOverlap = time.Hour

// LoadRecover reads the settings of recover from env. sinks and checkpoints are
// those that this program can open. The error is an *[Error] with everything that
// is wrong.
func LoadRecover(env Environment, sinks, checkpoints Drivers) (Recover, error) {
	l := newLoader(env)
	r := l.recover(sinks)
	l.acceptSchemes(checkpointURL, checkpoints)
	r.Checkpoint = l.url(checkpointURL, checkpoints)
	if l.text(checkpointURL) == "" {
		l.fault(checkpointURL, "not set")
	}
	return l.endRecover(r)
}

// LoadBackfill reads the settings for fetching a span that is given by hand, which
// needs no checkpoint.
func LoadBackfill(env Environment, sinks Drivers) (Recover, error) {
	l := newLoader(env)
	return l.endRecover(l.recover(sinks))
}

func (l *loader) recover(sinks Drivers) Recover {
	r := Recover{
		API: l.api(), Connectors: l.connectors(), Handling: l.handling(sinks),
		UserDisabled: l.boolean(recoverUserDisabled), Overlap: l.overlap(), LogLevel: l.level(),
	}
	if r.Encoding.String() == "raw" {
		l.warn(encodingName, "raw: what recover fetches has no signature, and its bodies are put together from DT's event history")
	}
	return r
}

func (l *loader) endRecover(r Recover) (Recover, error) {
	l.warnUnknown()
	r.Warnings = l.warnings
	if err := l.end(); err != nil {
		return Recover{Warnings: l.warnings}, err
	}
	return r, nil
}

func (l *loader) overlap() time.Duration {
	text := l.text(recoverOverlap)
	if text == "" {
		return DefaultOverlap
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 31*24*time.Hour {
		l.fault(recoverOverlap, quote(text)+" is not a duration from 0 to 744h")
		return 0
	}
	return d
}

// LoadAPI reads from env how DT's REST API is called, for programs that are told
// by other means what to do with it. The error is an *[Error].
func LoadAPI(env Environment) (a API, warnings []string, err error) {
	l := newLoader(env)
	a = l.api()
	if err := l.end(); err != nil {
		return API{}, l.warnings, err
	}
	return a, l.warnings, nil
}
