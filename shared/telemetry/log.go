package telemetry

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	// maxLogText is the longest text, in bytes, that a line takes from an event.
	// DT's own ids have at most 40; but a body may hold anything.
	maxLogText = 128
	// maxLogError is the same for an error.
	maxLogError = 1024
)

// LogObserver returns an Observer that logs one line an event, with the message
// "event", at a level that says whether someone should look: info for what went
// as it should, warn for what was refused or dead-lettered, error for what could
// not be handled.
//
// Receipt.Err is logged at level error alone. There it is this side's, a sink's
// say; elsewhere it may quote what was sent.
func LogObserver(logger *slog.Logger) Observer { return logObserver{logger} }

type logObserver struct{ logger *slog.Logger }

func (o logObserver) Received(ctx context.Context, r Receipt) {
	level := logLevel(r)
	if !o.logger.Enabled(ctx, level) {
		return
	}
	// A fixed array keeps the attributes off the heap.
	var array [11]slog.Attr
	attrs := array[:0]
	for _, a := range [...]struct{ key, value string }{
		{"outcome", r.Outcome},
		{"reason", r.Reason},
		{"eventId", r.EventID},
		{"eventType", r.EventType},
		{"device", r.DeviceID},
		{"project", r.ProjectID},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, cut(a.value, maxLogText)))
		}
	}
	attrs = append(attrs,
		slog.Int("status", r.Status),
		slog.Int("bytes", r.Bytes),
		slog.Float64("latencyMs", milliseconds(r.Latency)))
	if r.PreviousSecret {
		attrs = append(attrs, slog.Bool("previousSecret", true))
	}
	if r.Err != nil && level >= slog.LevelError {
		attrs = append(attrs, slog.String("error", cut(r.Err.Error(), maxLogError)))
	}
	o.logger.LogAttrs(ctx, level, "event", attrs...)
}

// logLevel returns the level of r's line.
func logLevel(r Receipt) slog.Level {
	switch {
	case r.Outcome == OutcomeRetry, r.Outcome == OutcomeError, r.Status >= http.StatusInternalServerError:
		return slog.LevelError
	case r.Outcome == OutcomeUnauthorized, r.Outcome == OutcomeDeadLettered, r.Status >= http.StatusBadRequest:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// milliseconds returns d in milliseconds, to the microsecond.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

// cut returns at most limit bytes of text, whole characters, and a mark when
// there was more.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
