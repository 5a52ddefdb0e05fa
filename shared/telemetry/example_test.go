package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/dt-functions/dt-functions/shared/telemetry"
)

func Example() {
	clock := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo, telemetry.WithClock(clock))
	var counters telemetry.Counters
	observer := telemetry.Tee(telemetry.LogObserver(logger), &counters)

	ctx := context.Background()
	observer.Received(ctx, telemetry.Receipt{
		Outcome: telemetry.OutcomeAccepted, EventID: "bjehn6sdm92f9pd7f4s0", EventType: "touch",
		DeviceID: "bdkjbo2v0000uk377c4g", ProjectID: "bhmh0143iktucae701vg",
		Status: 200, Bytes: 731, Latency: 1250 * time.Microsecond,
	})
	observer.Received(ctx, telemetry.Receipt{Outcome: telemetry.OutcomeUnauthorized, Reason: "token-expired", Status: 401})
	fmt.Println(counters.Snapshot().Outcomes)
	// Output:
	// {"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"event","outcome":"accepted","eventId":"bjehn6sdm92f9pd7f4s0","eventType":"touch","device":"bdkjbo2v0000uk377c4g","project":"bhmh0143iktucae701vg","status":200,"bytes":731,"latencyMs":1.25}
	// {"time":"2026-03-01T12:00:00Z","level":"WARN","msg":"event","outcome":"unauthorized","reason":"token-expired","status":401,"bytes":0,"latencyMs":0}
	// map[accepted:1 unauthorized:1]
}

// A platform that reads the level from another field gets it there.
func ExampleWithNames() {
	logger := telemetry.NewLogger(os.Stdout, nil,
		telemetry.WithClock(func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }),
		telemetry.WithNames(telemetry.Names{Level: "severity", Message: "message"}))
	logger.Error("not started")
	// Output:
	// {"time":"2026-03-01T12:00:00Z","severity":"ERROR","message":"not started"}
}
