package sensor

import (
	"math"
	"time"
)

const (
	// The heartbeats are those of DT's documentation: 15 minutes, give or take
	// 3; 5 minutes for desk occupancy, whose jitter is assumed.
	heartbeat           = 15 * time.Minute
	heartbeatJitter     = 3 * time.Minute
	deskHeartbeat       = 5 * time.Minute
	deskHeartbeatJitter = 20 * time.Second

	day = 24 * time.Hour
)

// around returns a duration of mean, give or take jitter.
func (s *Sensor) around(mean, jitter time.Duration) time.Duration {
	return mean + time.Duration((2*s.random.Float64()-1)*float64(jitter))
}

// untilNext returns how long something takes to happen that happens at random
// about every mean: never less than a tenth of it, nor more than four times.
func (s *Sensor) untilNext(mean time.Duration) time.Duration {
	scale := min(max(s.random.ExpFloat64(), 0.1), 4)
	return time.Duration(scale * float64(mean))
}

// untilPeople is untilNext for what people do. They rarely do it at night.
func (s *Sensor) untilPeople(t time.Time, mean time.Duration) time.Duration {
	return s.untilNext(time.Duration(float64(mean) / (0.1 + presence(t))))
}

// presence is how many people are about at t, from 0 to 1: a working day, in
// UTC, with a dip at noon.
func presence(t time.Time) float64 {
	h := hour(t)
	bell := func(centre, width float64) float64 {
		return math.Exp(-(h - centre) * (h - centre) / (2 * width * width))
	}
	return min(bell(9.5, 1.6)+bell(14.5, 2), 1)
}

// daily swings between -1 in the early morning and 1 in the afternoon.
func daily(t time.Time) float64 {
	return math.Sin(2 * math.Pi * (hour(t) - 9) / 24)
}

// hour is the time of day of t in hours, with its fraction.
func hour(t time.Time) float64 {
	return float64(t.Sub(t.Truncate(day))) / float64(time.Hour)
}

// round returns v with the given number of decimals: what is whole afterwards is
// sent as an integer, as DT does.
func round(v float64, decimals int) float64 {
	scale := math.Pow(10, float64(decimals))
	if r := math.Round(v*scale) / scale; r != 0 {
		return r
	}
	return 0 // not -0, which JSON would show
}
