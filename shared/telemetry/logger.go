package telemetry

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// NewLogger returns a logger that writes one line of JSON a record to w, with
// the time in UTC (RFC 3339, nanoseconds). level nil means info; a
// [slog.LevelVar] can be changed while the logger is in use.
func NewLogger(w io.Writer, level slog.Leveler, options ...LoggerOption) *slog.Logger {
	var c loggerConfig
	for _, o := range options {
		o(&c)
	}
	if c.now == nil {
		c.now = time.Now
	}
	handler := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: c.names.replacer()})
	return slog.New(clockHandler{handler, c.now})
}

// A LoggerOption changes what NewLogger makes.
type LoggerOption func(*loggerConfig)

type loggerConfig struct {
	names Names
	now   func() time.Time
}

// Names are what the fields that every line has are called, for platforms that
// read them. The zero value leaves slog's own names.
type Names struct {
	Time    string // instead of "time"
	Level   string // instead of "level"
	Message string // instead of "msg"
	// LevelText returns the text of a level, instead of "DEBUG", "INFO", "WARN"
	// and "ERROR".
	LevelText func(slog.Level) string
}

// WithNames gives the fields that every line has other names.
func WithNames(names Names) LoggerOption { return func(c *loggerConfig) { c.names = names } }

// WithClock sets the clock that the lines' time is taken from.
func WithClock(now func() time.Time) LoggerOption { return func(c *loggerConfig) { c.now = now } }

// replacer returns what slog calls for every attribute; nil, which costs
// nothing, when there is nothing to rename.
func (n Names) replacer() func([]string, slog.Attr) slog.Attr {
	if n.Time == "" && n.Level == "" && n.Message == "" && n.LevelText == nil {
		return nil
	}
	rename := func(a slog.Attr, name string) slog.Attr {
		if name != "" {
			a.Key = name
		}
		return a
	}
	return func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) > 0 {
			return a
		}
		switch a.Key {
		case slog.TimeKey:
			return rename(a, n.Time)
		case slog.MessageKey:
			return rename(a, n.Message)
		case slog.LevelKey:
			// An attribute of the caller's may have the same key.
			if level, ok := a.Value.Any().(slog.Level); ok && n.LevelText != nil {
				a.Value = slog.StringValue(n.LevelText(level))
			}
			return rename(a, n.Level)
		}
		return a
	}
}

// clockHandler sets the time of every record. A ReplaceAttr function could turn
// it into UTC as well, but it would be called for every attribute of every line.
type clockHandler struct {
	slog.Handler
	now func() time.Time
}

func (h clockHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Time = h.now().UTC()
	return h.Handler.Handle(ctx, r)
}

func (h clockHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return clockHandler{h.Handler.WithAttrs(attrs), h.now}
}

func (h clockHandler) WithGroup(name string) slog.Handler {
	return clockHandler{h.Handler.WithGroup(name), h.now}
}
