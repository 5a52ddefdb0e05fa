package dtcloud

import (
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud/internal/sensor"
)

// firstHeartbeats is the time over which the sensors' first heartbeats are
// spread.
const firstHeartbeats = 3 * time.Minute

// sensors is how far the virtual sensors are.
type sensors struct {
	started  bool // by Run
	stopped  bool // by StopSensors
	anyBegun bool
}

// startSensors puts all sensors on the agenda, once.
func (c *Cloud) startSensors() {
	if c.sensors.started {
		return
	}
	c.sensors.started = true
	for _, d := range c.order {
		c.startSensor(d)
	}
}

// startSensor lets the sensor of d begin: the very first at once, so that there is
// something to see, the others soon.
func (c *Cloud) startSensor(d *device) {
	if d.sensor == nil {
		return
	}
	options := *d.sensor
	options.Start = c.clock.Now()
	if c.sensors.anyBegun {
		options.Start = options.Start.Add(time.Duration(options.Random.Int64N(int64(firstHeartbeats))))
	}
	c.sensors.anyBegun = true
	s, err := sensor.New(options)
	if err != nil {
		panic("dtcloud: " + err.Error()) // AddDevice has checked the type
	}
	c.scheduleSensor(d, s)
}

func (c *Cloud) scheduleSensor(d *device, s *sensor.Sensor) {
	due := s.Next()
	c.schedule(due, func() {
		if c.sensors.stopped {
			return
		}
		for _, r := range s.Act() {
			c.emit(d, occurrence{eventType: r.Type, data: r.Data, time: r.Time, made: due})
		}
		c.scheduleSensor(d, s)
	})
}

// StopSensors makes all sensors fall silent for good, so that what is queued can
// be waited for.
func (c *Cloud) StopSensors() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sensors.stopped = true
}
