package event

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNoData means that an event does not hold the data that was asked for:
// it is of another type, or its data is not as DT documents it.
var ErrNoData = errors.New("event has no such data")

// Touch returns the data of a touch event, or an error that wraps ErrNoData.
func (e *Event) Touch() (Touch, error) { return data[Touch](e, TypeTouch) }

// Temperature returns the data of a temperature event, or an error that wraps
// ErrNoData.
func (e *Event) Temperature() (Temperature, error) { return data[Temperature](e, TypeTemperature) }

// ObjectPresent returns the data of an objectPresent event, or an error that
// wraps ErrNoData.
func (e *Event) ObjectPresent() (ObjectPresent, error) {
	return data[ObjectPresent](e, TypeObjectPresent)
}

// Humidity returns the data of a humidity event, or an error that wraps
// ErrNoData.
func (e *Event) Humidity() (Humidity, error) { return data[Humidity](e, TypeHumidity) }

// ObjectPresentCount returns the data of an objectPresentCount event, or an
// error that wraps ErrNoData.
func (e *Event) ObjectPresentCount() (ObjectPresentCount, error) {
	return data[ObjectPresentCount](e, TypeObjectPresentCount)
}

// TouchCount returns the data of a touchCount event, or an error that wraps
// ErrNoData.
func (e *Event) TouchCount() (TouchCount, error) { return data[TouchCount](e, TypeTouchCount) }

// WaterPresent returns the data of a waterPresent event, or an error that wraps
// ErrNoData.
func (e *Event) WaterPresent() (WaterPresent, error) {
	return data[WaterPresent](e, TypeWaterPresent)
}

// NetworkStatus returns the data of a networkStatus event, or an error that
// wraps ErrNoData.
func (e *Event) NetworkStatus() (NetworkStatus, error) {
	return data[NetworkStatus](e, TypeNetworkStatus)
}

// BatteryStatus returns the data of a batteryStatus event, or an error that
// wraps ErrNoData.
func (e *Event) BatteryStatus() (BatteryStatus, error) {
	return data[BatteryStatus](e, TypeBatteryStatus)
}

// LabelsChanged returns the data of a labelsChanged event, or an error that
// wraps ErrNoData.
func (e *Event) LabelsChanged() (LabelsChanged, error) {
	return data[LabelsChanged](e, TypeLabelsChanged)
}

// ConnectionStatus returns the data of a connectionStatus event, or an error
// that wraps ErrNoData.
func (e *Event) ConnectionStatus() (ConnectionStatus, error) {
	return data[ConnectionStatus](e, TypeConnectionStatus)
}

// EthernetStatus returns the data of an ethernetStatus event, or an error that
// wraps ErrNoData.
func (e *Event) EthernetStatus() (EthernetStatus, error) {
	return data[EthernetStatus](e, TypeEthernetStatus)
}

// CellularStatus returns the data of a cellularStatus event, or an error that
// wraps ErrNoData.
func (e *Event) CellularStatus() (CellularStatus, error) {
	return data[CellularStatus](e, TypeCellularStatus)
}

// CO2 returns the data of a co2 event, or an error that wraps ErrNoData.
func (e *Event) CO2() (CO2, error) { return data[CO2](e, TypeCO2) }

// Pressure returns the data of a pressure event, or an error that wraps
// ErrNoData.
func (e *Event) Pressure() (Pressure, error) { return data[Pressure](e, TypePressure) }

// Motion returns the data of a motion event, or an error that wraps ErrNoData.
func (e *Event) Motion() (Motion, error) { return data[Motion](e, TypeMotion) }

// DeskOccupancy returns the data of a deskOccupancy event, or an error that
// wraps ErrNoData.
func (e *Event) DeskOccupancy() (DeskOccupancy, error) {
	return data[DeskOccupancy](e, TypeDeskOccupancy)
}

// Contact returns the data of a contact event, or an error that wraps
// ErrNoData.
func (e *Event) Contact() (Contact, error) { return data[Contact](e, TypeContact) }

// ProbeWireStatus returns the data of a probeWireStatus event, or an error that
// wraps ErrNoData.
func (e *Event) ProbeWireStatus() (ProbeWireStatus, error) {
	return data[ProbeWireStatus](e, TypeProbeWireStatus)
}

// data decodes the data of an event of type want. It is done on demand, off the
// way of an event that is only passed on.
func data[T any](e *Event, want string) (T, error) {
	var typed T
	if e.Type != want {
		return typed, fmt.Errorf("%w: want %s, the event is %q", ErrNoData, want, e.Type)
	}
	value := []byte(e.Data)
	if want != TypeLabelsChanged {
		var byType map[string]json.RawMessage
		if err := json.Unmarshal(value, &byType); err != nil {
			return typed, fmt.Errorf("%w: event.data: %w", ErrNoData, err)
		}
		value = byType[want]
	}
	if len(value) == 0 || string(value) == "null" {
		return typed, fmt.Errorf("%w: event.data.%s: missing", ErrNoData, want)
	}
	if err := json.Unmarshal(value, &typed); err != nil {
		return typed, fmt.Errorf("%w: event.data.%s: %w", ErrNoData, want, err)
	}
	return typed, nil
}
