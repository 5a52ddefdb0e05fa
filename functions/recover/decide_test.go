package recover

import (
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		success, failed int64
		want            health
	}{
		{0, 0, healthGood}, {9, 0, healthGood}, {20, 1, healthFair}, {19, 1, healthFailing}, {0, 1, healthFailing},
	} {
		if got := judge(dtapi.Metrics{SuccessCount: test.success, ErrorCount: test.failed}); got != test.want {
			t.Errorf("%d good, %d failed: %v, want %v", test.success, test.failed, got, test.want)
		}
	}
}

// What is due for an active connector; times are hours before now.
func TestDecide(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ago := func(hours float64) time.Time { return now.Add(-time.Duration(hours * float64(time.Hour))) }
	const none = -1
	for _, test := range []struct {
		name      string
		until     float64 // the checkpoint; none for none
		seen      float64 // when the last run was
		disabled  bool    // then
		health    health
		gapTo     float64 // none for no gap
		wantUntil float64 // with no gap
	}{
		{"first run", none, none, false, healthGood, none, 0},
		{"first run, no metrics", none, none, false, healthUnknown, none, 0},
		{"first run, failing", none, none, false, healthFailing, none, 12},
		{"good", 0.25, 0.25, false, healthGood, none, 0},
		{"good again after an outage shorter than the queue", 9, 0.25, false, healthGood, none, 0},
		{"fair", 5, 0.25, false, healthFair, none, 3},
		{"failing for a while", 5, 0.25, false, healthFailing, none, 5},
		{"no metrics for a while", 5, 0.25, false, healthUnknown, none, 5},
		{"failing for almost as long as DT tries", 11.9, 0.25, false, healthFailing, none, 11.9},
		{"failing for as long as DT tries", 12, 0.25, false, healthFailing, 11, 0},
		{"no metrics for as long as DT tries", 12, 0.25, false, healthUnknown, 11, 0},
		{"not looked at for long, good", 13, 13, false, healthGood, 0, 0},
		{"not looked at for long, failing", 13, 13, false, healthFailing, 0, 0},
		{"enabled by somebody since", 0.25, 0.25, true, healthGood, 0, 0},
		{"enabled by somebody since, failing", 100, 0.25, true, healthFailing, 0, 0},
	} {
		var s state
		if test.until != none {
			s.Until, s.Seen = ago(test.until), seen{Time: ago(test.seen), Disabled: test.disabled}
		}
		to, until := decide(s, test.health, now)
		if test.gapTo == none {
			if !to.IsZero() || !until.Equal(ago(test.wantUntil)) {
				t.Errorf("%s: gap to %v, checkpoint %v before now, want %v h", test.name, to, now.Sub(until), test.wantUntil)
			}
		} else if !to.Equal(ago(test.gapTo)) {
			t.Errorf("%s: gap to %v before now, want %v h", test.name, now.Sub(to), test.gapTo)
		}
	}
}

// FuzzState: whatever is in a checkpoint, it is refused, or it is one that recover
// can go on with.
func FuzzState(f *testing.F) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	const name = "projects/p/dataconnectors/c"
	for _, seed := range []string{
		`{"version":1,"connector":"` + name + `","until":"2026-11-23T11:00:00Z","seen":{"time":"2026-11-23T11:00:00Z"}}`,
		`{"version":1,"connector":"` + name + `","gap":{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z","done":["a"],"back":{"b":"2026-11-01T12:00:00Z"}}}`,
		`{"version":2}`, `{"version":1,"connector":"x"}`, ``, `null`, `{"version":1,"connector":"` + name + `","until":"2027-01-01T00:00:00Z"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := state{Connector: name}
		if err := s.parse(data, now); err != nil {
			return
		}
		if s.Version != stateVersion || s.Connector != name || s.Until.After(now.Add(clockSkew)) {
			t.Errorf("accepted %+v", s)
		}
		if g := s.Gap; g != nil && (g.To.Before(g.From) || g.To.After(now.Add(clockSkew))) {
			t.Errorf("accepted the gap %+v", g)
		}
	})
}
