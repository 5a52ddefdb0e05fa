package event

// The event types that DT documents (Events; Python client 1.7.3). DT adds types
// over time: code that meets another one lets it pass.
const (
	TypeTouch              = "touch"
	TypeTemperature        = "temperature"
	TypeObjectPresent      = "objectPresent"
	TypeHumidity           = "humidity"
	TypeObjectPresentCount = "objectPresentCount"
	TypeTouchCount         = "touchCount"
	TypeWaterPresent       = "waterPresent"
	TypeNetworkStatus      = "networkStatus"
	TypeBatteryStatus      = "batteryStatus"
	TypeLabelsChanged      = "labelsChanged"
	TypeConnectionStatus   = "connectionStatus"
	TypeEthernetStatus     = "ethernetStatus"
	TypeCellularStatus     = "cellularStatus"
	TypeCO2                = "co2"
	TypeMotion             = "motion"
	TypePressure           = "pressure"
	TypeDeskOccupancy      = "deskOccupancy"
	TypeContact            = "contact"
	TypeProbeWireStatus    = "probeWireStatus"
)

// Types returns the event types that this package knows, all 19, in DT's order.
func Types() []string {
	return []string{
		TypeTouch, TypeTemperature, TypeObjectPresent, TypeHumidity,
		TypeObjectPresentCount, TypeTouchCount, TypeWaterPresent,
		TypeNetworkStatus, TypeBatteryStatus, TypeLabelsChanged,
		TypeConnectionStatus, TypeEthernetStatus, TypeCellularStatus, TypeCO2,
		TypeMotion, TypePressure, TypeDeskOccupancy, TypeContact,
		TypeProbeWireStatus,
	}
}

// The device types that DT documents (Devices; Python client 1.7.3).
const (
	DeviceTemperature      = "temperature"
	DeviceProximity        = "proximity"
	DeviceTouch            = "touch"
	DeviceHumidity         = "humidity"
	DeviceProximityCounter = "proximityCounter"
	DeviceTouchCounter     = "touchCounter"
	DeviceWaterDetector    = "waterDetector"
	DeviceCloudConnector   = "ccon"
	DeviceCO2              = "co2"
	DeviceMotion           = "motion"
	DeviceDeskOccupancy    = "deskOccupancy"
	DeviceContact          = "contact"
)

// DeviceTypes returns the device types that this package knows, all 12.
func DeviceTypes() []string {
	return []string{
		DeviceTemperature, DeviceProximity, DeviceTouch, DeviceHumidity,
		DeviceProximityCounter, DeviceTouchCounter, DeviceWaterDetector,
		DeviceCloudConnector, DeviceCO2, DeviceMotion, DeviceDeskOccupancy,
		DeviceContact,
	}
}
