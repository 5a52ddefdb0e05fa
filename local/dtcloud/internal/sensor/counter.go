package sensor

import "time"

type count struct {
	Total      int   `json:"total"`
	UpdateTime stamp `json:"updateTime"`
}

// addCounter adds a sensor that counts what people do, perHeartbeat at the
// busiest time, and reports the total with each heartbeat.
func (s *Sensor) addCounter(start time.Time, eventType string, perHeartbeat float64) {
	total := s.random.IntN(5000)
	s.addHeartbeat(start, heartbeat, heartbeatJitter, func(t time.Time) []Reading {
		total += int(perHeartbeat * presence(t) * 2 * s.random.Float64())
		return []Reading{reading(eventType, t, count{total, stamp(t)})}
	})
	s.addTouches(start, touchEvery, nil)
	s.addBattery(start)
}

// addTouch adds a sensor that is there to be touched.
func (s *Sensor) addTouch(start time.Time) {
	s.addHeartbeat(start, heartbeat, heartbeatJitter, nil)
	s.addTouches(start, 30*time.Minute, nil)
	s.addBattery(start)
}
