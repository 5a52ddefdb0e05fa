package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

func TestLogObserver(t *testing.T) {
	failure := errors.New("broker gone")
	tests := []struct {
		name    string
		receipt telemetry.Receipt
		want    string // without time
	}{
		{
			"accepted",
			telemetry.Receipt{
				Outcome: telemetry.OutcomeAccepted, EventID: "c0ffee", EventType: "temperature", DeviceID: "bdkjbo2v0000uk377c4g", ProjectID: "bhmh0143iktucae701vg",
				Status: 200, Bytes: 731, Latency: 1234567 * time.Nanosecond,
			},
			`"level":"INFO","msg":"event","outcome":"accepted","eventId":"c0ffee","eventType":"temperature","device":"bdkjbo2v0000uk377c4g","project":"bhmh0143iktucae701vg","status":200,"bytes":731,"latencyMs":1.235`,
		},
		{
			"accepted, signed with the previous secret",
			telemetry.Receipt{Outcome: telemetry.OutcomeAccepted, Status: 200, PreviousSecret: true},
			`"level":"INFO","msg":"event","outcome":"accepted","status":200,"bytes":0,"latencyMs":0,"previousSecret":true`,
		},
		{
			"filtered",
			telemetry.Receipt{Outcome: telemetry.OutcomeFiltered, Reason: "event-type", Status: 200},
			`"level":"INFO","msg":"event","outcome":"filtered","reason":"event-type","status":200,"bytes":0,"latencyMs":0`,
		},
		{
			"duplicate",
			telemetry.Receipt{Outcome: telemetry.OutcomeDuplicate, Status: 200},
			`"level":"INFO","msg":"event","outcome":"duplicate","status":200,"bytes":0,"latencyMs":0`,
		},
		{
			"dead-lettered, without the error, which may quote the body",
			telemetry.Receipt{Outcome: telemetry.OutcomeDeadLettered, Reason: "not-json", Status: 200, Bytes: 3, Err: failure},
			`"level":"WARN","msg":"event","outcome":"dead-lettered","reason":"not-json","status":200,"bytes":3,"latencyMs":0`,
		},
		{
			"unauthorized, without the error",
			telemetry.Receipt{Outcome: telemetry.OutcomeUnauthorized, Reason: "token-expired", Status: 401, Err: failure},
			`"level":"WARN","msg":"event","outcome":"unauthorized","reason":"token-expired","status":401,"bytes":0,"latencyMs":0`,
		},
		{
			"too large",
			telemetry.Receipt{Outcome: telemetry.OutcomeTooLarge, Status: 413},
			`"level":"WARN","msg":"event","outcome":"too-large","status":413,"bytes":0,"latencyMs":0`,
		},
		{
			"retry",
			telemetry.Receipt{Outcome: telemetry.OutcomeRetry, Reason: "sink", Status: 503, Latency: 8 * time.Second, Err: failure},
			`"level":"ERROR","msg":"event","outcome":"retry","reason":"sink","status":503,"bytes":0,"latencyMs":8000,"error":"broker gone"`,
		},
		{
			"error",
			telemetry.Receipt{Outcome: telemetry.OutcomeError, Reason: "panic", Status: 500},
			`"level":"ERROR","msg":"event","outcome":"error","reason":"panic","status":500,"bytes":0,"latencyMs":0`,
		},
		{
			"an outcome of another name goes by its status",
			telemetry.Receipt{Outcome: "new", Status: 502, Err: failure},
			`"level":"ERROR","msg":"event","outcome":"new","status":502,"bytes":0,"latencyMs":0,"error":"broker gone"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			observer := telemetry.LogObserver(telemetry.NewLogger(&b, nil, telemetry.WithClock(fixed)))
			observer.Received(t.Context(), tt.receipt)
			want := `{"time":"2026-03-01T12:30:00.123456789Z",` + tt.want + "}\n"
			if b.String() != want {
				t.Errorf("got  %swant %s", &b, want)
			}
		})
	}
}

// The most attributes there can be are all there.
func TestLogObserverAllAttributes(t *testing.T) {
	var b bytes.Buffer
	telemetry.LogObserver(telemetry.NewLogger(&b, nil)).Received(t.Context(), telemetry.Receipt{
		Outcome: "retry", Reason: "r", EventID: "e", EventType: "t", DeviceID: "d", ProjectID: "p",
		Status: 503, Bytes: 1, Latency: 1, PreviousSecret: true, Err: io.EOF,
	})
	want := []string{"bytes", "device", "error", "eventId", "eventType", "latencyMs", "level", "msg", "outcome", "previousSecret", "project", "reason", "status", "time"}
	if got := slices.Sorted(maps.Keys(line(t, &b))); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLogObserverBelowLevel(t *testing.T) {
	var b bytes.Buffer
	observer := telemetry.LogObserver(telemetry.NewLogger(&b, slog.LevelWarn))
	observer.Received(t.Context(), telemetry.Receipt{Outcome: telemetry.OutcomeAccepted, Status: 200})
	if b.Len() != 0 {
		t.Errorf("logged %s", &b)
	}
}

// Text from outside is one line still, and a short one, whatever it holds.
func TestLogObserverHostileText(t *testing.T) {
	for _, text := range []string{
		"a\nb\r\n{\"outcome\":\"accepted\"}\x00\x1b[31m\u2028",
		strings.Repeat("x", 1<<20),
		strings.Repeat("ø", 1<<10),
		"x" + strings.Repeat("\U0001F321", 1<<10),
		strings.Repeat("\xff", 1<<10),
		strings.Repeat("\x80", 1<<10),
	} {
		t.Run(fmt.Sprintf("%.8q", text), func(t *testing.T) {
			var b bytes.Buffer
			telemetry.LogObserver(telemetry.NewLogger(&b, nil)).Received(t.Context(), telemetry.Receipt{
				Outcome: telemetry.OutcomeRetry, EventID: text, EventType: text, DeviceID: text, ProjectID: text, Err: errors.New(text),
			})
			fields := line(t, &b)
			for key, limit := range map[string]int{"eventId": 128, "eventType": 128, "device": 128, "project": 128, "error": 1024} {
				got, _ := fields[key].(string)
				if utf8.RuneCountInString(got) > limit+1 || got == "" {
					t.Errorf("%s has %d characters", key, utf8.RuneCountInString(got))
				}
				if utf8.ValidString(text) && strings.ContainsRune(got, utf8.RuneError) {
					t.Errorf("%s was cut inside a character: %q", key, got)
				}
				if len(text) > limit && !strings.HasSuffix(got, "…") {
					t.Errorf("%s does not tell that it was cut", key)
				}
			}
		})
	}
}

// Text of just the limit is whole.
func TestLogObserverLimit(t *testing.T) {
	var b bytes.Buffer
	id := strings.Repeat("x", 128)
	telemetry.LogObserver(telemetry.NewLogger(&b, nil)).Received(t.Context(), telemetry.Receipt{EventID: id})
	if got := line(t, &b)["eventId"]; got != id {
		t.Errorf("got %q", got)
	}
}

func BenchmarkLogObserver(b *testing.B) {
	receipt := telemetry.Receipt{
		Outcome: telemetry.OutcomeAccepted, EventID: "bjehn6sdm92f9pd7f4s0", EventType: "temperature",
		DeviceID: "bdkjbo2v0000uk377c4g", ProjectID: "bhmh0143iktucae701vg", Status: 200, Bytes: 731, Latency: 1234567,
	}
	for name, level := range map[string]slog.Level{"on": slog.LevelInfo, "off": slog.LevelError} {
		b.Run(name, func(b *testing.B) {
			observer := telemetry.LogObserver(telemetry.NewLogger(io.Discard, level))
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				observer.Received(ctx, receipt)
			}
		})
	}
}
