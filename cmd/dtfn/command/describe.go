package command

import (
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/shared/event"
)

// describe says in a few words what an event tells, "" when that is not known.
func describe(ev *event.Event) string {
	text, err := reading(ev)
	if err != nil {
		return ""
	}
	return text
}

func reading(ev *event.Event) (string, error) {
	switch ev.Type {
	case event.TypeTemperature:
		d, err := ev.Temperature()
		return backfilled(d.Value.String()+" °C", d.IsBackfilled), err
	case event.TypeHumidity:
		d, err := ev.Humidity()
		return backfilled(fmt.Sprintf("%s °C, %s %%", d.Temperature, d.RelativeHumidity), d.IsBackfilled), err
	case event.TypeCO2:
		d, err := ev.CO2()
		return d.PPM.String() + " ppm", err
	case event.TypePressure:
		d, err := ev.Pressure()
		return d.Pascal.String() + " Pa", err
	case event.TypeObjectPresentCount:
		d, err := ev.ObjectPresentCount()
		return d.Total.String(), err
	case event.TypeTouchCount:
		d, err := ev.TouchCount()
		return d.Total.String(), err
	case event.TypeBatteryStatus:
		d, err := ev.BatteryStatus()
		return d.Percentage.String() + " %", err
	case event.TypeNetworkStatus:
		d, err := ev.NetworkStatus()
		return fmt.Sprintf("%s %%, %s dBm", d.SignalStrength, d.RSSI), err
	case event.TypeLabelsChanged:
		d, err := ev.LabelsChanged()
		return fmt.Sprintf("%d added, %d modified, %d removed", len(d.Added), len(d.Modified), len(d.Removed)), err
	case event.TypeEthernetStatus:
		d, err := ev.EthernetStatus()
		return d.IPAddress, err
	case event.TypeCellularStatus:
		d, err := ev.CellularStatus()
		return d.SignalStrength.String() + " %", err
	}
	return state(ev)
}

// state reads the event types that tell a state.
func state(ev *event.Event) (string, error) {
	switch ev.Type {
	case event.TypeObjectPresent:
		d, err := ev.ObjectPresent()
		return words(d.State), err
	case event.TypeWaterPresent:
		d, err := ev.WaterPresent()
		return words(d.State), err
	case event.TypeMotion:
		d, err := ev.Motion()
		return words(d.State), err
	case event.TypeDeskOccupancy:
		d, err := ev.DeskOccupancy()
		return words(d.State), err
	case event.TypeContact:
		d, err := ev.Contact()
		return words(d.State), err
	case event.TypeProbeWireStatus:
		d, err := ev.ProbeWireStatus()
		return words(d.State), err
	case event.TypeConnectionStatus:
		d, err := ev.ConnectionStatus()
		return words(d.Connection), err
	}
	return "", nil
}

// words makes NOT_PRESENT readable.
func words(state string) string {
	return strings.ToLower(strings.ReplaceAll(state, "_", " "))
}

func backfilled(text string, is bool) string {
	if is {
		return text + " (backfilled)"
	}
	return text
}
