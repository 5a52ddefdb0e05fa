package sensor

import (
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

const (
	// heartbeatSamples is how many samples an event holds, and sampleEvery how
	// far they lie apart. Assumed.
	heartbeatSamples = 3
	sampleEvery      = 5 * time.Minute
	// roomCelsius is the temperature of a sensor that was told no other.
	roomCelsius = 21.5
	// touchEvery is how often somebody touches a sensor that is not made for it.
	touchEvery = 20 * time.Hour
)

type temperature struct {
	Value        float64             `json:"value"`
	IsBackfilled bool                `json:"isBackfilled"`
	Samples      []temperatureSample `json:"samples"`
	UpdateTime   stamp               `json:"updateTime"`
}

type temperatureSample struct {
	Value      float64 `json:"value"`
	SampleTime stamp   `json:"sampleTime"`
}

type humidity struct {
	Temperature      float64          `json:"temperature"`
	RelativeHumidity float64          `json:"relativeHumidity"`
	Samples          []humiditySample `json:"samples"`
	IsBackfilled     bool             `json:"isBackfilled"`
	UpdateTime       stamp            `json:"updateTime"`
}

type humiditySample struct {
	Temperature      float64 `json:"temperature"`
	RelativeHumidity float64 `json:"relativeHumidity"`
	SampleTime       stamp   `json:"sampleTime"`
}

type co2 struct {
	PPM        int   `json:"ppm"`
	UpdateTime stamp `json:"updateTime"`
}

type pressure struct {
	Pascal     int   `json:"pascal"`
	UpdateTime stamp `json:"updateTime"`
}

// A drift wanders about 0 without going far.
type drift struct{ value, step, limit float64 }

func (d *drift) move(s *Sensor) float64 {
	d.value = min(max(0.98*d.value+d.step*s.random.NormFloat64(), -d.limit), d.limit)
	return d.value
}

// newestFirst returns the samples of a heartbeat that ends at t.
func newestFirst[T any](t time.Time, sample func(at time.Time) T) []T {
	samples := make([]T, heartbeatSamples)
	for i := range samples {
		samples[i] = sample(t.Add(time.Duration(-i) * sampleEvery))
	}
	return samples
}

func (s *Sensor) addTemperature(start time.Time, o Options) {
	celsius, swing := o.Celsius, 0.4 // what is cooled or heated hardly swings
	if celsius == 0 {
		celsius, swing = roomCelsius+2*s.random.Float64(), 1.6
	}
	wander := drift{step: 0.08, limit: 2}
	measure := func(t time.Time, backfilled bool) Reading {
		level := celsius + wander.move(s)
		samples := newestFirst(t, func(at time.Time) temperatureSample {
			return temperatureSample{
				Value:      round(level+swing*daily(at)+0.02*s.random.NormFloat64(), 2),
				SampleTime: stamp(at),
			}
		})
		return reading(event.TypeTemperature, t, temperature{samples[0].Value, backfilled, samples, stamp(t)})
	}
	s.addStored(start, measure)
	s.addTouches(start, touchEvery, func(t time.Time) []Reading {
		return []Reading{measure(t, false)}
	})
	if o.Probe {
		s.addProbe(start)
	}
	s.addBattery(start)
}

func (s *Sensor) addHumidity(start time.Time) {
	celsius, percent := roomCelsius+2*s.random.Float64(), 30+15*s.random.Float64()
	wander := drift{step: 0.5, limit: 12}
	measure := func(t time.Time, backfilled bool) Reading {
		level := percent + wander.move(s)
		samples := newestFirst(t, func(at time.Time) humiditySample {
			return humiditySample{
				Temperature:      round(celsius+1.6*daily(at)+0.03*s.random.NormFloat64(), 2),
				RelativeHumidity: round(level-3*daily(at)+0.3*s.random.NormFloat64(), 0),
				SampleTime:       stamp(at),
			}
		})
		newest := samples[0]
		return reading(event.TypeHumidity, t, humidity{newest.Temperature, newest.RelativeHumidity, samples, backfilled, stamp(t)})
	}
	s.addStored(start, measure)
	s.addTouches(start, touchEvery, func(t time.Time) []Reading {
		return []Reading{measure(t, false)}
	})
	s.addBattery(start)
}

func (s *Sensor) addCO2(start time.Time) {
	air, weather := drift{step: 8, limit: 60}, drift{step: 40, limit: 1800}
	s.addHeartbeat(start, heartbeat, heartbeatJitter, func(t time.Time) []Reading {
		ppm := 440 + 620*presence(t) + air.move(s)
		pascal := 100900 + weather.move(s)
		return []Reading{
			reading(event.TypeCO2, t, co2{int(ppm), stamp(t)}),
			reading(event.TypePressure, t, pressure{int(pascal), stamp(t)}),
		}
	})
	s.addTouches(start, touchEvery, nil)
	s.addBattery(start)
}
