package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/heroku/schedule"
)

func functions() []string { return []string{"sync", "configure", "recover"} }

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		" ; ;":                   "",
		"sync=0 3 * * *":         "sync=0 3 * * *",
		" sync = 0   3 * * * ; ": "sync=0 3 * * *",
		"recover=*/5 * * * *":    "recover=*/5 * * * *",
		"configure=@hourly":      "configure=0 * * * *",
		"configure=@DAILY":       "configure=0 0 * * *",
		"sync=0 0 * * MON-fri":   "sync=0 0 * * mon-fri",
		"sync=0 0 1 jan,JUL *":   "sync=0 0 1 jan,jul *",
		"sync=0-30/10,45 8-18 * * 1-5;recover=@weekly": "sync=0-30/10,45 8-18 * * 1-5;recover=0 0 * * 0",
		"sync=0 0 29 2 *": "sync=0 0 29 2 *",
		"sync=0 0 * * 7":  "sync=0 0 * * 7",
	} {
		plan, err := schedule.Parse(text, functions())
		var got []string
		for _, e := range plan.Entries {
			got = append(got, e.String())
		}
		if err != nil || strings.Join(got, ";") != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]string{
		"sync":                           "has no =",
		"0 3 * * *":                      "has no =",
		"sink=0 3 * * *":                 "there are sync, configure, recover",
		"=0 3 * * *":                     "is for no function",
		"sync=":                          "has 0 fields instead of five",
		"sync=* * * *":                   "has 4 fields",
		"sync=0 0 3 * * *":               "has 6 fields",
		"sync=0 3 * * * 2027":            "has 6 fields",
		"sync=@every 5m":                 "has 2 fields",
		"sync=@reboot":                   "none of @yearly",
		"sync=@5minutes":                 "none of @yearly",
		"sync=CRON_TZ=UTC 0 3 * * *":     "has 6 fields",
		"sync=60 3 * * *":                "out of its range",
		"sync=0 24 * * *":                "out of its range",
		"sync=0 3 0 * *":                 "out of its range",
		"sync=0 3 * 13 *":                "out of its range",
		"sync=0 3 * * 8":                 "out of its range",
		"sync=30-10 * * * *":             "out of its range",
		"sync=*/0 * * * *":               "out of its range",
		"sync=5/10 * * * *":              "has a step",
		"sync=*/x * * * *":               "has a step",
		"sync=1-2-3 * * * *":             "neither a number",
		"sync=-1 * * * *":                "neither a number",
		"sync=mon * * * *":               "neither a number",
		"sync=0 3 L * *":                 "neither a number",
		"sync=0 3 ? * *":                 "neither a number",
		"sync=0 3 * * mon#1":             "neither a number",
		"sync=0 3 * * n m":               "has 6 fields",
		"sync=1,,2 * * * *":              "neither a number",
		"sync=0 0 30 2 *":                "never come",
		"sync=0 0 31 4,6,9,11 *":         "never come",
		"sync=0 0 1 * 1":                 "a day of month and a day of week",
		"sync=@daily; sync=0 3 * * *":    "is there twice",
		"sync=001 3 * * *":               "neither a number",
		"sync=99999999999999999 3 * * *": "neither a number",
	} {
		plan, err := schedule.Parse(text, functions())
		if err == nil || !strings.Contains(err.Error(), want) || plan.Entries != nil {
			t.Errorf("%q: %v, %v; want an error with %q", text, plan, err, want)
		}
	}
	// All faults at once.
	_, err := schedule.Parse("sink=@daily; sync=1; recover=@hourly", functions())
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestNext(t *testing.T) {
	// A Monday.
	from := time.Date(2026, 11, 23, 22, 59, 30, 5, time.FixedZone("", 3600))
	for text, want := range map[string]string{
		"sync=0 3 * * *":      "2026-11-24T03:00:00Z",
		"sync=*/5 * * * *":    "2026-11-23T22:00:00Z",
		"sync=59 21 * * *":    "2026-11-24T21:59:00Z",
		"sync=@weekly":        "2026-11-29T00:00:00Z",
		"sync=0 0 * * 7":      "2026-11-29T00:00:00Z",
		"sync=0 12 * * tue":   "2026-11-24T12:00:00Z",
		"sync=0 0 29 2 *":     "2028-02-29T00:00:00Z",
		"sync=0 0 31 * *":     "2026-12-31T00:00:00Z",
		"sync=@yearly":        "2027-01-01T00:00:00Z",
		"sync=*/7 23 * * *":   "2026-11-23T23:00:00Z",
		"sync=0 8-18/5 * * *": "2026-11-24T08:00:00Z",
	} {
		plan, err := schedule.Parse(text, functions())
		if err != nil {
			t.Fatal(err)
		}
		next, err := plan.Entries[0].Next(from)
		if got := next.Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
		// A time itself is not its next one.
		again, err := plan.Entries[0].Next(next)
		if err != nil || !again.After(next) {
			t.Errorf("%s after %v: %v, %v", text, next, again, err)
		}
	}
}

func ExampleParse() {
	plan, err := schedule.Parse("sync=0 3 * * *; recover=*/5 * * * *", []string{"sync", "configure", "recover"})
	if err != nil {
		panic(err)
	}
	for _, e := range plan.Entries {
		next, err := e.Next(time.Date(2026, 11, 23, 22, 59, 30, 0, time.UTC))
		fmt.Println(e.Function, next, err)
	}
	// Output:
	// sync 2026-11-24 03:00:00 +0000 UTC <nil>
	// recover 2026-11-23 23:00:00 +0000 UTC <nil>
}

// What is accepted has times that rise, and is accepted again as it is printed.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"sync=0 3 * * *; recover=*/5 * * * *; configure=@hourly", "sync=0 0 29 2 *", "recover=1-59/7 8-18 * * mon-fri",
		"sync=0 0 * * 7", "sync=5,10,15-20 */3 1-7 jan-mar *", "sync=TZ=", "sync=@every 1s", "sync=* * * * *\x00", "=;=;", "sync=*/90 * * * *",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := schedule.Parse(text, functions())
		if err != nil {
			return
		}
		for _, e := range plan.Entries {
			again, err := schedule.Parse(e.String(), functions())
			if err != nil || again.Entries[0] != e {
				t.Fatalf("%s: parsed again it is %v, %v", e, again, err)
			}
			from := time.Date(2027, 2, 27, 23, 58, 30, 0, time.UTC)
			for range 5 {
				next, err := e.Next(from)
				if err != nil || !next.After(from) || next.Second() != 0 {
					t.Fatalf("%s after %v: %v, %v", e, from, next, err)
				}
				from = next
			}
		}
	})
}
