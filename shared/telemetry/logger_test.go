package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// fixed is a clock in another time zone, that stands.
func fixed() time.Time {
	return time.Date(2026, 3, 1, 13, 30, 0, 123456789, time.FixedZone("", 3600))
}

// line decodes the only line in b.
func line(t *testing.T, b *bytes.Buffer) map[string]any {
	t.Helper()
	if n := strings.Count(b.String(), "\n"); n != 1 || !strings.HasSuffix(b.String(), "\n") {
		t.Fatalf("%d lines, want 1: %q", n, b)
	}
	var fields map[string]any
	if err := json.Unmarshal(b.Bytes(), &fields); err != nil {
		t.Fatalf("%v in %q", err, b)
	}
	return fields
}

func TestLoggerLine(t *testing.T) {
	var b bytes.Buffer
	telemetry.NewLogger(&b, nil, telemetry.WithClock(fixed)).Info("started", "err", errors.New("a \"quoted\"\nline"))
	const want = `{"time":"2026-03-01T12:30:00.123456789Z","level":"INFO","msg":"started","err":"a \"quoted\"\nline"}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", &b, want)
	}
}

// Without a clock of its own it has the right one.
func TestLoggerDefaultClock(t *testing.T) {
	var b bytes.Buffer
	before := time.Now()
	telemetry.NewLogger(&b, nil).Info("started")
	text, _ := line(t, &b)["time"].(string)
	got, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || got.Before(before.Round(0)) || got.After(time.Now()) || !strings.HasSuffix(text, "Z") {
		t.Errorf("time = %q, %v", text, err)
	}
}

func TestLoggerLevel(t *testing.T) {
	var b bytes.Buffer
	level := new(slog.LevelVar)
	logger := telemetry.NewLogger(&b, level)
	logger.Debug("no")
	if b.Len() != 0 {
		t.Errorf("logged below the level: %s", &b)
	}
	level.Set(slog.LevelDebug)
	logger.Debug("yes")
	if line(t, &b)["msg"] != "yes" {
		t.Errorf("the level was not changed: %s", &b)
	}
	b.Reset()
	telemetry.NewLogger(&b, nil).Debug("no")
	if b.Len() != 0 {
		t.Errorf("a nil level is not info: %s", &b)
	}
}

// Groups and attributes of a derived logger do not lose the clock.
func TestLoggerDerived(t *testing.T) {
	var b bytes.Buffer
	logger := telemetry.NewLogger(&b, nil, telemetry.WithClock(fixed))
	logger.With("function", "receive").WithGroup("g").Info("x", "k", 1)
	const want = `{"time":"2026-03-01T12:30:00.123456789Z","level":"INFO","msg":"x","function":"receive","g":{"k":1}}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", &b, want)
	}
}

func TestLoggerNames(t *testing.T) {
	severity := func(l slog.Level) string {
		if l == slog.LevelWarn {
			return "WARNING"
		}
		return l.String()
	}
	tests := []struct {
		name  string
		names telemetry.Names
		want  string
	}{
		{
			"all", telemetry.Names{Time: "timestamp", Level: "severity", Message: "message", LevelText: severity},
			`{"timestamp":"2026-03-01T12:30:00.123456789Z","severity":"WARNING","message":"x","k":1,"g":{"level":"mine","msg":"mine"}}`,
		},
		{
			"level's text alone", telemetry.Names{LevelText: severity},
			`{"time":"2026-03-01T12:30:00.123456789Z","level":"WARNING","msg":"x","k":1,"g":{"level":"mine","msg":"mine"}}`,
		},
		{
			"one name alone", telemetry.Names{Message: "message"},
			`{"time":"2026-03-01T12:30:00.123456789Z","level":"WARN","message":"x","k":1,"g":{"level":"mine","msg":"mine"}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			logger := telemetry.NewLogger(&b, nil, telemetry.WithClock(fixed), telemetry.WithNames(tt.names))
			logger.Warn("x", "k", 1, slog.Group("g", "level", "mine", "msg", "mine"))
			if got := strings.TrimSpace(b.String()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// An attribute that has the name of a field, but is none, does no harm.
func TestLoggerNamesAttribute(t *testing.T) {
	var b bytes.Buffer
	names := telemetry.Names{LevelText: func(slog.Level) string { return "L" }}
	telemetry.NewLogger(&b, nil, telemetry.WithNames(names)).LogAttrs(context.Background(), slog.LevelInfo, "x", slog.String("level", "mine"))
	if got := b.String(); !strings.Contains(got, `"level":"L"`) || !strings.Contains(got, `"level":"mine"`) {
		t.Errorf("got %s", got)
	}
}
