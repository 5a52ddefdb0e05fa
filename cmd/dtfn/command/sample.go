package command

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// A sampleEvent describes an event to make. What is empty is made up.
type sampleEvent struct {
	id, eventType, device, deviceType, project string
	data                                       string // JSON, what stands under the type
	labels                                     map[string]string
}

// body returns the event's id and its body in the form that DT sends.
func (s sampleEvent) body(now time.Time, random io.Reader) (id string, body []byte, err error) {
	if id = s.id; id == "" {
		if id, err = event.NewID(now, random); err != nil {
			return "", nil, err
		}
	}
	when := now.UTC().Format("2006-01-02T15:04:05.000000Z")
	known := sampleData(s.eventType)
	data := json.RawMessage(s.data)
	if s.data == "" {
		data = json.RawMessage(strings.ReplaceAll(known.data, "TIME", when))
	}
	if s.eventType != event.TypeLabelsChanged {
		if data, err = json.Marshal(map[string]json.RawMessage{s.eventType: data}); err != nil {
			return "", nil, err
		}
	}
	deviceType := s.deviceType
	if deviceType == "" {
		deviceType = known.device
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
		envelope{id, "projects/" + s.project + "/devices/" + s.device, s.eventType, data, when},
		s.labels,
		metadata{s.device, s.project, deviceType, ""},
	})
	return id, body, err
}

// A knownSample is the data of an event type and the type of a device that sends
// it. TIME in the data stands for the event's time.
type knownSample struct{ device, data string }

func sampleData(eventType string) knownSample {
	samples := map[string]knownSample{
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
	return knownSample{data: `{"updateTime":"TIME"}`}
}
