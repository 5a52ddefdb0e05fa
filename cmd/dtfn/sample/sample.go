// Package sample makes events that look like those of sensors, as a Data Connector
// sends them.
package sample

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// An Event describes an event to make.
type Event struct {
	// ID is the event's; "" means a new one.
	ID string
	// Type is the event's type, and the name under which its data stands.
	Type string
	// Device and Project are ids.
	Device, Project string
	// DeviceType is that of the device; "" means one that sends such events.
	DeviceType string
	// Data is JSON; "" means some that is usual for the type.
	Data   string
	Labels map[string]string
}

// Body returns the event's id and its body in the form that DT sends.
func (e Event) Body(now time.Time, random io.Reader) (id string, body []byte, err error) {
	if id = e.ID; id == "" {
		if id, err = event.NewID(now, random); err != nil {
			return "", nil, err
		}
	}
	when := now.UTC().Format("2006-01-02T15:04:05.000000Z")
	known := usual(e.Type)
	data := json.RawMessage(e.Data)
	if e.Data == "" {
		data = json.RawMessage(strings.ReplaceAll(known.data, "TIME", when))
	}
	if e.Type != event.TypeLabelsChanged {
		if data, err = json.Marshal(map[string]json.RawMessage{e.Type: data}); err != nil {
			return "", nil, err
		}
	}
	labels := e.Labels
	if labels == nil {
		labels = map[string]string{}
	}
	type envelope struct {
		EventID    string          `json:"eventId"`
		TargetName string          `json:"targetName"`
		EventType  string          `json:"eventType"`
		Data       json.RawMessage `json:"data"`
		Timestamp  string          `json:"timestamp"`
	}
	type metadata struct {
		DeviceID      string `json:"deviceId"`
		ProjectID     string `json:"projectId"`
		DeviceType    string `json:"deviceType"`
		ProductNumber string `json:"productNumber"`
	}
	body, err = json.Marshal(struct {
		Event    envelope          `json:"event"`
		Labels   map[string]string `json:"labels"`
		Metadata metadata          `json:"metadata"`
	}{
		envelope{id, "projects/" + e.Project + "/devices/" + e.Device, e.Type, data, when},
		labels,
		metadata{e.Device, e.Project, cmp.Or(e.DeviceType, known.device), ""},
	})
	return id, body, err
}

// DeviceType returns the type of a device that sends events of that type; "" where none
// is known.
func DeviceType(eventType string) string { return usual(eventType).device }

// A kind is the data of an event type and the type of a device that sends
// it. TIME in the data stands for the event's time.
type kind struct{ device, data string }

func usual(eventType string) kind {
	samples := map[string]kind{
		event.TypeTouch:              {event.DeviceTouch, `{"updateTime":"TIME"}`},
		event.TypeTemperature:        {event.DeviceTemperature, `{"value":21.5,"isBackfilled":false,"samples":[{"value":21.5,"sampleTime":"TIME"}],"updateTime":"TIME"}`},
		event.TypeObjectPresent:      {event.DeviceProximity, `{"state":"PRESENT","updateTime":"TIME"}`},
		event.TypeHumidity:           {event.DeviceHumidity, `{"temperature":21.5,"relativeHumidity":38,"isBackfilled":false,"samples":[{"temperature":21.5,"relativeHumidity":38,"sampleTime":"TIME"}],"updateTime":"TIME"}`},
		event.TypeObjectPresentCount: {event.DeviceProximityCounter, `{"total":4176,"updateTime":"TIME"}`},
		event.TypeTouchCount:         {event.DeviceTouchCounter, `{"total":469,"updateTime":"TIME"}`},
		event.TypeWaterPresent:       {event.DeviceWaterDetector, `{"state":"PRESENT","updateTime":"TIME"}`},
		event.TypeNetworkStatus:      {event.DeviceTemperature, `{"signalStrength":45,"rssi":-83,"updateTime":"TIME","cloudConnectors":[{"id":"emudtfnccon000000000000","signalStrength":45,"rssi":-83}],"transmissionMode":"LOW_POWER_STANDARD_MODE"}`},
		event.TypeBatteryStatus:      {event.DeviceTemperature, `{"percentage":100,"updateTime":"TIME"}`},
		event.TypeLabelsChanged:      {event.DeviceTemperature, `{"added":{"floor":"2"},"modified":{},"removed":[]}`},
		event.TypeConnectionStatus:   {event.DeviceCloudConnector, `{"connection":"ETHERNET","available":["ETHERNET","CELLULAR"],"updateTime":"TIME"}`},
		event.TypeEthernetStatus:     {event.DeviceCloudConnector, `{"macAddress":"f0:b5:b7:00:0a:08","ipAddress":"10.0.0.1","errors":[],"updateTime":"TIME"}`},
		event.TypeCellularStatus:     {event.DeviceCloudConnector, `{"signalStrength":80,"errors":[],"updateTime":"TIME"}`},
		event.TypeCO2:                {event.DeviceCO2, `{"ppm":526,"updateTime":"TIME"}`},
		event.TypePressure:           {event.DeviceCO2, `{"pascal":99301,"updateTime":"TIME"}`},
		event.TypeMotion:             {event.DeviceMotion, `{"state":"MOTION_DETECTED","updateTime":"TIME"}`},
		event.TypeDeskOccupancy:      {event.DeviceDeskOccupancy, `{"state":"OCCUPIED","remarks":[],"updateTime":"TIME"}`},
		event.TypeContact:            {event.DeviceContact, `{"state":"OPEN","updateTime":"TIME"}`},
		event.TypeProbeWireStatus:    {event.DeviceTemperature, `{"state":"THREE_WIRE","updateTime":"TIME"}`},
	}
	if s, ok := samples[eventType]; ok {
		return s
	}
	return kind{data: `{"updateTime":"TIME"}`}
}
