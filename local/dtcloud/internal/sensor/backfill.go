package sensor

import "time"

const (
	// outageOdds: a sensor is out of reach after one heartbeat in so many, for
	// outageBeats heartbeats on average. Assumed.
	outageOdds  = 250
	outageBeats = 8
	// backfillPace is how fast stored measurements follow: DT tells of one
	// heartbeat interval a second.
	backfillPace = time.Second
)

// addStored sends a measurement with every heartbeat. Now and then the sensor is
// out of reach for a while; what it then stored follows later, the newest first,
// marked as backfilled and with the times of measuring.
func (s *Sensor) addStored(start time.Time, measure func(t time.Time, backfilled bool) Reading) {
	var (
		away   int // heartbeats left until the sensor is in reach again
		stored []Reading
	)
	never := start.AddDate(1000, 0, 0)
	backfill := &activity{next: never}
	backfill.act = func(t time.Time) ([]Reading, time.Time) {
		newest := stored[len(stored)-1]
		stored = stored[:len(stored)-1]
		if len(stored) == 0 {
			return []Reading{newest}, never
		}
		return []Reading{newest}, t.Add(backfillPace)
	}
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		next := t.Add(s.around(heartbeat, heartbeatJitter))
		if away > 0 {
			away--
			stored = append(stored, measure(t, true))
			return nil, next
		}
		if len(stored) > 0 {
			backfill.next = t.Add(backfillPace)
		} else if s.random.IntN(outageOdds) == 0 {
			away = 1 + s.random.IntN(2*outageBeats)
		}
		return s.with(t, measure(t, false)), next
	})
	s.activities = append(s.activities, backfill)
}
