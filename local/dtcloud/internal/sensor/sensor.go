// Package sensor has virtual sensors of the 12 device types of Disruptive
// Technologies (DT). They emit the events that real ones do, at the same pace:
// on their heartbeats and when something happens to them. Which fields there are
// and in which order is as in DT's published samples; the physics are made up.
//
// Time and randomness come from outside: equal options give equal events.
package sensor

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// ErrType means that there is no sensor of the device type asked for.
var ErrType = errors.New("unknown device type")

// A Reading is the part of an event that the sensor makes.
type Reading struct {
	Type string          // event type
	Data json.RawMessage // event.data
	Time time.Time       // event.timestamp, in whole microseconds
}

// Options say which sensor to make.
type Options struct {
	// Type is the device type, one of event.DeviceTypes.
	Type string
	// Probe gives a temperature sensor an external probe, whose wiring it
	// reports.
	Probe bool
	// Celsius is what a temperature sensor's readings vary around, in °C; 0
	// stands for room temperature.
	Celsius float64
	// Start is the time of the first heartbeat.
	Start time.Time
	// Random drives the sensor. It must not be used by anything else.
	Random *rand.Rand
	// CloudConnectors returns the ids of the Cloud Connectors around, through
	// which the sensor's events come; nil or none stands for an unknown one.
	CloudConnectors func() []string
}

// A Sensor is a virtual sensor or Cloud Connector. It is for one goroutine at a
// time.
type Sensor struct {
	random     *rand.Rand
	ccons      func() []string
	activities []*activity
	signal     float64 // rssi, dBm
	battery    float64 // %
}

// An activity is one thing that a sensor does over and over.
type activity struct {
	next time.Time
	// act does it at the time t and returns when to do it again.
	act func(t time.Time) ([]Reading, time.Time)
}

// New returns the sensor that o describes. The error wraps ErrType.
func New(o Options) (*Sensor, error) {
	s := &Sensor{
		random:  o.Random,
		ccons:   o.CloudConnectors,
		signal:  -50 - 42*o.Random.Float64(),
		battery: 60 + 40*o.Random.Float64(),
	}
	start := o.Start.UTC().Truncate(time.Microsecond)
	switch o.Type {
	case event.DeviceTemperature:
		s.addTemperature(start, o)
	case event.DeviceHumidity:
		s.addHumidity(start)
	case event.DeviceCO2:
		s.addCO2(start)
	case event.DeviceTouch:
		s.addTouch(start)
	case event.DeviceProximityCounter:
		s.addCounter(start, event.TypeObjectPresentCount, 9)
	case event.DeviceTouchCounter:
		s.addCounter(start, event.TypeTouchCount, 4)
	case event.DeviceCloudConnector:
		s.addCloudConnector(start)
	case event.DeviceProximity, event.DeviceWaterDetector, event.DeviceMotion,
		event.DeviceDeskOccupancy, event.DeviceContact:
		s.addDetector(start, o.Type)
	default:
		return nil, fmt.Errorf("%w: %q", ErrType, o.Type)
	}
	return s, nil
}

// Next returns when the sensor acts next.
func (s *Sensor) Next() time.Time { return s.due().next }

// Act does what is due at Next and returns what the sensor then sends, in the
// order of sending, which may be nothing.
func (s *Sensor) Act() []Reading {
	a := s.due()
	readings, next := a.act(a.next)
	a.next = next.Truncate(time.Microsecond)
	return readings
}

// due returns the activity that comes next; of two at the same time, the one
// that was added first.
func (s *Sensor) due() *activity {
	first := s.activities[0]
	for _, a := range s.activities[1:] {
		if a.next.Before(first.next) {
			first = a
		}
	}
	return first
}

func (s *Sensor) add(first time.Time, act func(t time.Time) ([]Reading, time.Time)) {
	s.activities = append(s.activities, &activity{first.Truncate(time.Microsecond), act})
}

// reading returns an event of the type typ whose data is value.
func reading(typ string, t time.Time, value any) Reading {
	data, err := json.Marshal(map[string]any{typ: value})
	if err != nil {
		panic("sensor: " + err.Error()) // the values are this package's own types
	}
	return Reading{Type: typ, Data: data, Time: t}
}
