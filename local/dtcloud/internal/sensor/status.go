package sensor

import (
	"math"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// TimeLayout is how DT writes times, which must be in UTC: RFC 3339 with 6 digits.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

type stamp time.Time

func (s stamp) MarshalJSON() ([]byte, error) {
	return time.Time(s).UTC().AppendFormat(nil, `"`+TimeLayout+`"`), nil
}

// onlyTime is the data of touch.
type onlyTime struct {
	UpdateTime stamp `json:"updateTime"`
}

type networkStatus struct {
	SignalStrength   int         `json:"signalStrength"`
	RSSI             int         `json:"rssi"`
	UpdateTime       stamp       `json:"updateTime"`
	CloudConnectors  []heardFrom `json:"cloudConnectors"`
	TransmissionMode string      `json:"transmissionMode"`
}

type heardFrom struct {
	ID             string `json:"id"`
	SignalStrength int    `json:"signalStrength"`
	RSSI           int    `json:"rssi"`
}

type batteryStatus struct {
	Percentage int   `json:"percentage"`
	UpdateTime stamp `json:"updateTime"`
}

// with returns readings and, after them, how the network heard them: DT sends it
// with each heartbeat and each triggered event.
func (s *Sensor) with(t time.Time, readings ...Reading) []Reading {
	return append(readings, s.network(t)...)
}

// network returns one networkStatus for each Cloud Connector that heard the
// sensor: one, and now and then a second.
func (s *Sensor) network(t time.Time) []Reading {
	var ids []string
	if s.ccons != nil {
		ids = s.ccons()
	}
	if len(ids) == 0 {
		ids = []string{"emulated-ccon"}
	}
	heard := 1
	if len(ids) > 1 && s.random.IntN(5) == 0 {
		heard = 2
	}
	s.signal = min(max(s.signal+2*s.random.NormFloat64(), -101), -40)
	first := s.random.IntN(len(ids))
	var readings []Reading
	for i := range heard {
		rssi := int(s.signal) - 7*i
		mode := "LOW_POWER_STANDARD_MODE"
		if rssi < -96 {
			mode = "HIGH_POWER_BOOST_MODE"
		}
		strength := min(max(int(math.Round(1.4*float64(rssi+115))), 0), 100)
		readings = append(readings, reading(event.TypeNetworkStatus, t, networkStatus{
			SignalStrength:   strength,
			RSSI:             rssi,
			UpdateTime:       stamp(t),
			CloudConnectors:  []heardFrom{{ids[(first+i)%len(ids)], strength, rssi}},
			TransmissionMode: mode,
		}))
	}
	return readings
}

// addBattery reports the battery once a day, in steps of 5 %.
func (s *Sensor) addBattery(start time.Time) {
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		s.battery = max(s.battery-0.02*s.random.Float64(), 1)
		return []Reading{reading(event.TypeBatteryStatus, t, batteryStatus{
			Percentage: int(math.Ceil(s.battery/5)) * 5,
			UpdateTime: stamp(t),
		})}, t.Add(s.around(day, heartbeatJitter))
	})
}

// addTouches lets somebody touch the sensor, about every mean at the busiest
// time. also, unless nil, returns what the sensor sends besides.
func (s *Sensor) addTouches(start time.Time, mean time.Duration, also func(t time.Time) []Reading) {
	s.add(start.Add(s.untilNext(mean)), func(t time.Time) ([]Reading, time.Time) {
		readings := []Reading{reading(event.TypeTouch, t, onlyTime{stamp(t)})}
		if also != nil {
			readings = append(readings, also(t)...)
		}
		return s.with(t, readings...), t.Add(s.untilPeople(t, mean))
	})
}

// addHeartbeat sends what also, unless nil, returns with each heartbeat.
func (s *Sensor) addHeartbeat(start time.Time, mean, jitter time.Duration, also func(t time.Time) []Reading) {
	s.add(start, func(t time.Time) ([]Reading, time.Time) {
		var readings []Reading
		if also != nil {
			readings = also(t)
		}
		return s.with(t, readings...), t.Add(s.around(mean, jitter))
	})
}
