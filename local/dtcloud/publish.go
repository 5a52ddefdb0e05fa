package dtcloud

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/local/dtcloud/internal/sensor"
	"github.com/dt-functions/dt-functions/shared/event"
)

// An occurrence is what becomes an event.
type occurrence struct {
	id        string // "" means a new one
	eventType string
	data      []byte    // event.data, a JSON object
	time      time.Time // event.timestamp
	made      time.Time // goes into a new id
}

// emit makes o an event of d: remembered, and queued for every connector that is
// to have it. It returns the event's id. c.mu is held.
func (c *Cloud) emit(d *device, o occurrence) string {
	o.time = o.time.UTC().Truncate(time.Microsecond)
	if o.id == "" {
		o.id = newID(o.made, d.ids)
	}
	r := newRecord(d, o.id, o)
	c.remember(r)
	for _, conn := range d.project.connectors {
		c.offer(conn, r)
	}
	return r.id
}

// Publish lets a device emit an event now, as the :publish call of DT's emulator
// does: value is what is to stand under eventType in event.data, such as
// {"value":23.5}. What DT adds is added unless it is there: an update time, and to
// temperature and humidity the one sample. labelsChanged cannot be published. It
// returns the event's id.
func (c *Cloud) Publish(device, eventType string, value json.RawMessage) (string, error) {
	if eventType == "" || eventType == event.TypeLabelsChanged {
		return "", fmt.Errorf("publish: %w: event type %q: want another, such as %s", ErrInvalid, eventType, event.TypeTouch)
	}
	now := c.clock.Now()
	value, err := completed(eventType, value, now)
	if err != nil {
		return "", fmt.Errorf("publish: %w", err)
	}
	data := append(appendText([]byte("{"), eventType), ':')
	data = append(append(data, value...), '}')
	return c.Inject(Event{Device: device, Type: eventType, Data: data, Time: now})
}

// completed returns value compacted, with what DT adds to what an emulated device
// publishes: an update time, and for types that have samples the one sample.
func completed(eventType string, value []byte, now time.Time) ([]byte, error) {
	compact, err := compactObject(value)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(compact, &members); err != nil {
		return nil, fmt.Errorf("%w: data: %w", ErrInvalid, err)
	}
	more := make([]byte, 0, 200)
	add := func(name string, value []byte) {
		if _, there := members[name]; there {
			return
		}
		if len(members) > 0 || len(more) > 0 {
			more = append(more, ',')
		}
		more = append(append(append(more, '"'), name...), `":`...)
		more = append(more, value...)
	}
	updateTime, there := members["updateTime"]
	if !there {
		updateTime = []byte(now.UTC().Format(`"` + sensor.TimeLayout + `"`))
	}
	if sample := onlySample(eventType, members, updateTime); sample != nil {
		add("isBackfilled", []byte("false"))
		add("samples", sample)
	}
	add("updateTime", updateTime)
	compact = append(compact[:len(compact)-1], more...)
	return append(compact, '}'), nil
}

// onlySample returns the list of samples of an event that has but one; nil for types
// that have none, and for values without a reading.
func onlySample(eventType string, members map[string]json.RawMessage, sampleTime []byte) []byte {
	readings := map[string][]string{
		event.TypeTemperature: {"value"},
		event.TypeHumidity:    {"temperature", "relativeHumidity"},
	}[eventType]
	if len(readings) == 0 {
		return nil
	}
	b := []byte("[{")
	for _, name := range readings {
		value, ok := members[name]
		if !ok {
			return nil
		}
		b = append(append(append(b, '"'), name...), `":`...)
		b = append(append(b, value...), ',')
	}
	b = append(b, `"sampleTime":`...)
	return append(append(b, sampleTime...), "}]"...)
}

// compactObject returns a copy of the JSON object value without white space.
func compactObject(value []byte) (jsontext.Value, error) {
	v := jsontext.Value(append([]byte(nil), value...))
	if !v.IsValid() || v.Kind() != '{' {
		return nil, fmt.Errorf("%w: data: want a JSON object, such as {\"value\":23.5}", ErrInvalid)
	}
	if err := v.Compact(); err != nil {
		return nil, fmt.Errorf("%w: data: %w", ErrInvalid, err)
	}
	return v, nil
}

// Event is an event for Inject.
type Event struct {
	// Device is the name of the device, "projects/P/devices/D".
	Device string
	// Type is the event type; any text will do.
	Type string
	// Data is event.data, a JSON object; nil means {}.
	Data json.RawMessage
	// ID is the event's id; "" means a new one.
	ID string
	// Time is the event's timestamp; zero means now.
	Time time.Time
}

// Inject lets a device emit any event at all, for tests. It returns the event's
// id.
func (c *Cloud) Inject(e Event) (string, error) {
	if e.Data == nil {
		e.Data = json.RawMessage("{}")
	}
	data, err := compactObject(e.Data)
	if err != nil {
		return "", fmt.Errorf("inject: %w", err)
	}
	now := c.clock.Now()
	if e.Time.IsZero() {
		e.Time = now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.device(e.Device)
	if err != nil {
		return "", fmt.Errorf("inject: %w", err)
	}
	return c.emit(d, occurrence{id: e.ID, eventType: e.Type, data: data, time: e.Time, made: now}), nil
}
