package sensor

import (
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

type stateOnly struct {
	State      string `json:"state"`
	UpdateTime stamp  `json:"updateTime"`
}

// addProbe reports how the probe is wired: at the start, and when a wire comes
// loose, until somebody has put it back.
func (s *Sensor) addProbe(start time.Time) {
	wired := []string{"TWO_WIRE", "THREE_WIRE", "FOUR_WIRE"}[s.random.IntN(3)]
	faults := []string{"INVALID_WIRE_CONFIGURATION", "INVALID_COEFFICIENT_CONFIGURATION"}
	well := false
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		well = !well
		state, lasts := wired, s.untilNext(30*time.Hour)
		if !well {
			state, lasts = faults[s.random.IntN(len(faults))], s.untilNext(20*time.Minute)
		}
		return s.with(t, reading(event.TypeProbeWireStatus, t, stateOnly{state, stamp(t)})), t.Add(lasts)
	})
}
