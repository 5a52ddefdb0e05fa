package dtcloud

import (
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// demoSeed and demoEpoch make the ids of the demo's project and devices, which
// are the same in every run: what was stored in an earlier one fits.
const demoSeed = 1

func demoEpoch() time.Time { return time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC) }

// A demoDevice is a line of the demo's inventory.
type demoDevice struct {
	name, floor, room string
	spec              DeviceSpec
}

func demoDevices() []demoDevice {
	return []demoDevice{
		{"Fridge", "1", "kitchen", DeviceSpec{Type: event.DeviceTemperature, Celsius: 4}},
		{"Coffee machine", "1", "kitchen", DeviceSpec{Type: event.DeviceTouch}},
		{"Freezer", "1", "kitchen", DeviceSpec{Type: event.DeviceTemperature, Celsius: -19}},
		{"Dishwasher leak", "1", "kitchen", DeviceSpec{Type: event.DeviceWaterDetector}},
		{"Kitchen air", "1", "kitchen", DeviceSpec{Type: event.DeviceHumidity}},
		{"Gateway ground floor", "1", "reception", DeviceSpec{Type: event.DeviceCloudConnector}},
		{"Front door", "1", "reception", DeviceSpec{Type: event.DeviceContact}},
		{"Visitors", "1", "reception", DeviceSpec{Type: event.DeviceProximityCounter}},
		{"Reception desk", "1", "reception", DeviceSpec{Type: event.DeviceDeskOccupancy}},
		{"Boiler flow", "0", "plant room", DeviceSpec{Type: event.DeviceTemperature, Celsius: 62, Probe: true}},
		{"Boiler return", "0", "plant room", DeviceSpec{Type: event.DeviceTemperature, Celsius: 45, Probe: true}},
		{"Boiler leak", "0", "plant room", DeviceSpec{Type: event.DeviceWaterDetector}},
		{"Archive climate", "0", "archive", DeviceSpec{Type: event.DeviceHumidity}},
		{"Gateway second floor", "2", "corridor", DeviceSpec{Type: event.DeviceCloudConnector}},
		{"Meeting room air", "2", "meeting room", DeviceSpec{Type: event.DeviceCO2}},
		{"Meeting room motion", "2", "meeting room", DeviceSpec{Type: event.DeviceMotion}},
		{"Projector in its place", "2", "meeting room", DeviceSpec{Type: event.DeviceProximity}},
		{"Desk 201", "2", "open office", DeviceSpec{Type: event.DeviceDeskOccupancy}},
		{"Desk 202", "2", "open office", DeviceSpec{Type: event.DeviceDeskOccupancy}},
		{"Open office temperature", "2", "open office", DeviceSpec{Type: event.DeviceTemperature}},
		{"Open office air", "2", "open office", DeviceSpec{Type: event.DeviceCO2}},
		{"Window", "2", "open office", DeviceSpec{Type: event.DeviceContact}},
		{"Restroom motion", "2", "restroom", DeviceSpec{Type: event.DeviceMotion}},
		{"Clean-me button", "2", "restroom", DeviceSpec{Type: event.DeviceTouchCounter}},
		{"Emulated button", "2", "test bench", DeviceSpec{Type: event.DeviceTouch, Emulated: true}},
		{"Emulated thermometer", "2", "test bench", DeviceSpec{Type: event.DeviceTemperature, Emulated: true}},
	}
}

// Demo adds a project that is worth watching and returns its name: an office
// building with 24 devices of all 12 types that are labelled with name, floor,
// room and customer, and two emulated ones for Publish. Somebody walks through it
// and notes on the devices when they were inspected, so that their labels change.
func Demo(c *Cloud) (string, error) {
	random := newRandom(demoSeed)
	project, err := c.AddProject(ProjectSpec{ID: newID(demoEpoch(), random), DisplayName: "Harbour Street 12"})
	if err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	var devices []string
	for _, d := range demoDevices() {
		spec := d.spec
		spec.ID = newID(demoEpoch(), random)
		if spec.Emulated {
			spec.ID = "emu" + spec.ID
		}
		spec.Labels = map[string]string{
			"name":     d.name,
			"floor":    d.floor,
			"room":     d.room,
			"customer": "harbour-street",
		}
		name, err := c.AddDevice(project, spec)
		if err != nil {
			return "", fmt.Errorf("demo: %w", err)
		}
		devices = append(devices, name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scheduleInspection(devices, 0, c.clock.Now().Add(time.Minute))
	return project, nil
}

// scheduleInspection has one device after the other inspected, for ever.
func (c *Cloud) scheduleInspection(devices []string, next int, at time.Time) {
	const every = 2 * time.Hour
	c.schedule(at, func() {
		if c.sensors.stopped {
			return
		}
		d := c.devices[devices[next]]
		c.setLabels(d, map[string]string{"inspected": at.UTC().Format(time.DateOnly + " 15:04")}, nil, at)
		c.scheduleInspection(devices, (next+1)%len(devices), at.Add(every))
	})
}
