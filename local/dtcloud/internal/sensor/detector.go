package sensor

import (
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

type deskOccupancy struct {
	State      string   `json:"state"`
	Remarks    []string `json:"remarks"`
	UpdateTime stamp    `json:"updateTime"`
}

// A detector knows two states and reports the change from one to the other.
type detector struct {
	eventType string
	// calm is the state at the start and usual lasts about usual; alarm lasts
	// about brief.
	calm, alarm  string
	usual, brief time.Duration
	people       bool // its changes are people's doing
}

func detectors() map[string]detector {
	return map[string]detector{
		event.DeviceProximity:     {event.TypeObjectPresent, "PRESENT", "NOT_PRESENT", 40 * time.Minute, 4 * time.Minute, true},
		event.DeviceWaterDetector: {event.TypeWaterPresent, "NOT_PRESENT", "PRESENT", 15 * time.Hour, 25 * time.Minute, false},
		event.DeviceMotion:        {event.TypeMotion, "NO_MOTION_DETECTED", "MOTION_DETECTED", 25 * time.Minute, 6 * time.Minute, true},
		event.DeviceDeskOccupancy: {event.TypeDeskOccupancy, "NOT_OCCUPIED", "OCCUPIED", 50 * time.Minute, 45 * time.Minute, true},
		event.DeviceContact:       {event.TypeContact, "CLOSED", "OPEN", 35 * time.Minute, 3 * time.Minute, true},
	}
}

// addDetector adds a sensor that reports its state at the start and then when
// the state changes, and whose heartbeats tell nothing but that it is there.
func (s *Sensor) addDetector(start time.Time, deviceType string) {
	d := detectors()[deviceType]
	alarmed := true
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		alarmed = !alarmed
		state, lasts := d.calm, d.usual
		if alarmed {
			state, lasts = d.alarm, d.brief
		}
		next := s.untilNext(lasts)
		if !alarmed && d.people {
			next = s.untilPeople(t, lasts)
		}
		return s.with(t, s.detected(d.eventType, t, state)), t.Add(next)
	})
	mean, jitter := heartbeat, heartbeatJitter
	if deviceType == event.DeviceDeskOccupancy {
		mean, jitter = deskHeartbeat, deskHeartbeatJitter
	}
	s.addHeartbeat(start.Add(s.around(mean, jitter)), mean, jitter, nil)
	s.addTouches(start, touchEvery, nil)
	s.addBattery(start)
}

func (s *Sensor) detected(eventType string, t time.Time, state string) Reading {
	if eventType != event.TypeDeskOccupancy {
		return reading(eventType, t, stateOnly{state, stamp(t)})
	}
	remarks := []string{}
	if s.random.IntN(20) == 0 {
		remarks = append(remarks, "INCOMPLETE_DATA")
	}
	return reading(eventType, t, deskOccupancy{state, remarks, stamp(t)})
}
