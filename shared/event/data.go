package event

import (
	"encoding/json"
	"time"
)

// The types below are event.data by event type (DT: Events). Every field is
// optional on the wire, since DT has added fields over time; an absent one is
// its zero value. Numbers keep the text they were sent with: the same field
// comes as 27 and as 24.9. States are texts, because DT may add some.

// Touch: the sensor was touched.
type Touch struct {
	UpdateTime time.Time `json:"updateTime"`
}

// Temperature: sent on every heartbeat and on touch.
type Temperature struct {
	Value        json.Number         `json:"value"`        // °C
	IsBackfilled bool                `json:"isBackfilled"` // stored while offline, sent later
	Samples      []TemperatureSample `json:"samples"`      // newest first; absent from first-generation sensors
	UpdateTime   time.Time           `json:"updateTime"`
}

// TemperatureSample is one measurement between two heartbeats.
type TemperatureSample struct {
	Value      json.Number `json:"value"` // °C
	SampleTime time.Time   `json:"sampleTime"`
}

// ObjectPresent: the object before a proximity sensor came or went.
type ObjectPresent struct {
	State      string    `json:"state"` // PRESENT or NOT_PRESENT
	UpdateTime time.Time `json:"updateTime"`
}

// Humidity: sent on every heartbeat and on touch.
type Humidity struct {
	Temperature      json.Number      `json:"temperature"`      // °C
	RelativeHumidity json.Number      `json:"relativeHumidity"` // %, 0 to 100
	IsBackfilled     bool             `json:"isBackfilled"`     // stored while offline, sent later
	Samples          []HumiditySample `json:"samples"`
	UpdateTime       time.Time        `json:"updateTime"`
}

// HumiditySample is one measurement between two heartbeats.
type HumiditySample struct {
	Temperature      json.Number `json:"temperature"`      // °C
	RelativeHumidity json.Number `json:"relativeHumidity"` // %, 0 to 100
	SampleTime       time.Time   `json:"sampleTime"`
}

// ObjectPresentCount: how often an object has come or gone, since the sensor
// was made; sent on every heartbeat.
type ObjectPresentCount struct {
	Total      json.Number `json:"total"` // count, never falls
	UpdateTime time.Time   `json:"updateTime"`
}

// TouchCount: how often the sensor has been touched, since it was made; sent on
// every heartbeat.
type TouchCount struct {
	Total      json.Number `json:"total"` // count, never falls
	UpdateTime time.Time   `json:"updateTime"`
}

// WaterPresent: a water detector became wet or dry.
type WaterPresent struct {
	State      string    `json:"state"` // PRESENT or NOT_PRESENT
	UpdateTime time.Time `json:"updateTime"`
}

// NetworkStatus: how well the Cloud Connectors in range hear the sensor; sent on
// every heartbeat and with every triggered event.
type NetworkStatus struct {
	SignalStrength   json.Number         `json:"signalStrength"`  // %, 0 to 100
	RSSI             json.Number         `json:"rssi"`            // dBm, below 0
	CloudConnectors  []CloudConnectorRef `json:"cloudConnectors"` // one in a forwarded event
	TransmissionMode string              `json:"transmissionMode"`
	UpdateTime       time.Time           `json:"updateTime"`
}

// CloudConnectorRef is a Cloud Connector that heard a sensor.
type CloudConnectorRef struct {
	ID             string      `json:"id"`
	SignalStrength json.Number `json:"signalStrength"` // %, 0 to 100
	RSSI           json.Number `json:"rssi"`           // dBm, below 0
}

// BatteryStatus: what is left in the battery, in coarse steps.
type BatteryStatus struct {
	Percentage json.Number `json:"percentage"` // %, 0 to 100
	UpdateTime time.Time   `json:"updateTime"`
}

// LabelsChanged: labels of the device were made, changed or removed. Alone among
// the types its fields stand directly in event.data, and it has no update time:
// use [Event.Time].
type LabelsChanged struct {
	Added    map[string]string `json:"added"`
	Modified map[string]string `json:"modified"` // with the new values
	Removed  []string          `json:"removed"`  // keys
}

// ConnectionStatus: a Cloud Connector's way to the Internet changed.
type ConnectionStatus struct {
	Connection string    `json:"connection"` // OFFLINE, ETHERNET, CELLULAR or SDS
	Available  []string  `json:"available"`  // empty when offline
	UpdateTime time.Time `json:"updateTime"`
}

// EthernetStatus: a Cloud Connector's Ethernet changed.
type EthernetStatus struct {
	MACAddress string        `json:"macAddress"`
	IPAddress  string        `json:"ipAddress"`
	Errors     []StatusError `json:"errors"`
	UpdateTime time.Time     `json:"updateTime"`
}

// CellularStatus: a Cloud Connector's cellular link changed.
type CellularStatus struct {
	SignalStrength json.Number   `json:"signalStrength"` // %, 0 to 100
	Errors         []StatusError `json:"errors"`
	UpdateTime     time.Time     `json:"updateTime"`
}

// StatusError is a fault of a Cloud Connector's link.
type StatusError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// CO2: sent on every heartbeat.
type CO2 struct {
	PPM        json.Number `json:"ppm"` // parts per million
	UpdateTime time.Time   `json:"updateTime"`
}

// Pressure: the air pressure; sent on every heartbeat.
type Pressure struct {
	Pascal     json.Number `json:"pascal"` // Pa
	UpdateTime time.Time   `json:"updateTime"`
}

// Motion: movement began or ended.
type Motion struct {
	State      string    `json:"state"` // MOTION_DETECTED or NO_MOTION_DETECTED
	UpdateTime time.Time `json:"updateTime"`
}

// DeskOccupancy: a desk was taken or left.
type DeskOccupancy struct {
	State      string    `json:"state"`   // OCCUPIED or NOT_OCCUPIED
	Remarks    []string  `json:"remarks"` // such as INCOMPLETE_DATA
	UpdateTime time.Time `json:"updateTime"`
}

// Contact: a door or window was opened or closed.
type Contact struct {
	State      string    `json:"state"` // OPEN or CLOSED
	UpdateTime time.Time `json:"updateTime"`
}

// ProbeWireStatus: how the probe of a temperature sensor is wired.
type ProbeWireStatus struct {
	// State is TWO_WIRE, THREE_WIRE, FOUR_WIRE, INVALID_WIRE_CONFIGURATION or
	// INVALID_COEFFICIENT_CONFIGURATION.
	State      string    `json:"state"`
	UpdateTime time.Time `json:"updateTime"`
}
