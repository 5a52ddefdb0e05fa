package dtcloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/dt-functions/dt-functions/local/dtcloud/internal/sensor"
	"github.com/dt-functions/dt-functions/shared/event"
)

// virtualSensor is the label of emulated devices.
const virtualSensor = "virtual-sensor"

// DeviceSpec describes a device to add.
type DeviceSpec struct {
	// Type is the device type, one of event.DeviceTypes.
	Type string
	// Labels are the device's labels; "name" is what DT Studio shows. May be nil.
	Labels map[string]string
	// Emulated makes it a device of DT's emulator: it has the label
	// "virtual-sensor" and emits only what Publish says.
	Emulated bool
	// ProductNumber is the device's product number; "" means a usual one.
	ProductNumber string
	// ID becomes the last part of the device's name; "" means one that is made
	// up, in DT's form: 20 characters, and "emu" before them if it is emulated.
	ID string
	// Probe gives a temperature sensor an external probe.
	Probe bool
	// Celsius is what a temperature sensor's readings vary around, in °C; 0
	// stands for room temperature.
	Celsius float64
}

// Device is a device as DT's REST API shows it.
type Device struct {
	Name          string            `json:"name"` // "projects/P/devices/D"
	Type          string            `json:"type"`
	ProductNumber string            `json:"productNumber"`
	Labels        map[string]string `json:"labels"`
	// Reported is the newest data of each event type.
	Reported map[string]json.RawMessage `json:"reported"`
}

type device struct {
	serial        uint64 // grows with each one that is added
	project       *project
	name, id      string
	deviceType    string
	productNumber string
	metadata      []byte       // the body's member, JSON
	labels        event.Labels // sorted by key; replaced, never changed
	reported      map[string]*record
	history       history
	ids           *rand.ChaCha8   // of its events
	sensor        *sensor.Options // nil if emulated; Start is not set yet
}

// AddDevice adds a device to a project and returns its name,
// "projects/P/devices/D". While the cloud runs its sensor starts within minutes.
func (c *Cloud) AddDevice(project string, spec DeviceSpec) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.project(project)
	if err != nil {
		return "", fmt.Errorf("add device: %w", err)
	}
	d, err := c.newDevice(p, spec)
	if err != nil {
		return "", fmt.Errorf("add device: %w", err)
	}
	d.serial = c.nextSerial()
	c.devices[d.name] = d
	c.order = append(c.order, d)
	p.devices = append(p.devices, d)
	if c.sensors.started {
		c.startSensor(d)
	}
	return d.name, nil
}

func (c *Cloud) newDevice(p *project, spec DeviceSpec) (*device, error) {
	id, err := c.givenID(spec.ID)
	if err != nil {
		return nil, err
	}
	labels := maps.Clone(spec.Labels)
	if spec.Emulated {
		if spec.ID == "" {
			id = "emu" + id
		}
		if labels == nil {
			labels = make(map[string]string)
		}
		labels[virtualSensor] = ""
	}
	d := &device{
		project:       p,
		name:          p.name + "/devices/" + id,
		id:            id,
		deviceType:    spec.Type,
		productNumber: spec.ProductNumber,
		labels:        sortedLabels(labels),
		reported:      make(map[string]*record),
		ids:           newRandom(c.random.Uint64()),
	}
	if c.devices[d.name] != nil {
		return nil, fmt.Errorf("%w: %s is there already", ErrInvalid, d.name)
	}
	if !slices.Contains(event.DeviceTypes(), spec.Type) {
		return nil, fmt.Errorf("%w: type %q: want one of %v", ErrInvalid, spec.Type, event.DeviceTypes())
	}
	if d.productNumber == "" {
		d.productNumber = usualProductNumber(spec.Type)
	}
	d.metadata = d.encodeMetadata(spec.Emulated)
	if !spec.Emulated {
		d.sensor = &sensor.Options{
			Type:            spec.Type,
			Probe:           spec.Probe,
			Celsius:         spec.Celsius,
			Random:          rand.New(rand.NewPCG(c.random.Uint64(), c.random.Uint64())),
			CloudConnectors: p.cloudConnectors,
		}
	}
	return d, nil
}

// removeDevice removes an emulated device. c.mu is held.
func (c *Cloud) removeDevice(d *device) {
	same := func(other *device) bool { return other == d }
	delete(c.devices, d.name)
	c.order = slices.DeleteFunc(c.order, same)
	d.project.devices = slices.DeleteFunc(d.project.devices, same)
}

func (c *Cloud) device(name string) (*device, error) {
	d := c.devices[name]
	if d == nil {
		return nil, fmt.Errorf("device %q: %w", name, ErrNotFound)
	}
	return d, nil
}

func (d *device) isCloudConnector() bool { return d.deviceType == event.DeviceCloudConnector }

func (d *device) snapshot() Device {
	s := Device{
		Name:          d.name,
		Type:          d.deviceType,
		ProductNumber: d.productNumber,
		Labels:        make(map[string]string, len(d.labels)),
		Reported:      make(map[string]json.RawMessage),
	}
	for _, l := range d.labels {
		s.Labels[l.Key] = l.Value
	}
	for _, r := range d.reported {
		maps.Copy(s.Reported, r.values())
	}
	return s
}

// usualProductNumber returns a number for devices of the type. Those of the first
// eight types stand in DT's samples; the others are made up.
func usualProductNumber(deviceType string) string {
	return map[string]string{
		event.DeviceCloudConnector:   "100011",
		event.DeviceTouch:            "100110",
		event.DeviceTouchCounter:     "101675",
		event.DeviceWaterDetector:    "101714",
		event.DeviceProximityCounter: "101730",
		event.DeviceHumidity:         "101895",
		event.DeviceProximity:        "102064",
		event.DeviceTemperature:      "102067",
		event.DeviceMotion:           "102901",
		event.DeviceDeskOccupancy:    "102902",
		event.DeviceContact:          "102903",
		event.DeviceCO2:              "102904",
	}[deviceType]
}
