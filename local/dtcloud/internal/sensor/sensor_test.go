package sensor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud/internal/sensor"
	"github.com/dt-functions/dt-functions/shared/event"
)

var start = time.Date(2024, 5, 29, 8, 0, 0, 0, time.UTC)

func newSensor(t testing.TB, o sensor.Options) *sensor.Sensor {
	t.Helper()
	o.Start = start
	if o.Random == nil {
		o.Random = rand.New(rand.NewPCG(1, 2))
	}
	s, err := sensor.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run returns what s sends within d, and when it sends it.
func run(s *sensor.Sensor, d time.Duration) (readings []sensor.Reading, sent []time.Time) {
	for s.Next().Before(start.Add(d)) {
		at := s.Next()
		for _, r := range s.Act() {
			readings = append(readings, r)
			sent = append(sent, at)
		}
	}
	return readings, sent
}

func ofType(readings []sensor.Reading, eventType string) []sensor.Reading {
	return slices.DeleteFunc(slices.Clone(readings), func(r sensor.Reading) bool { return r.Type != eventType })
}

// decode reads the data of r through the code that consumers use.
func decode(t testing.TB, r sensor.Reading) *event.Event {
	t.Helper()
	body := fmt.Sprintf(`{"event":{"eventId":"e","targetName":"projects/p/devices/d","eventType":%q,"data":%s}}`, r.Type, r.Data)
	ev, err := event.Decode([]byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return ev
}

func TestEachTypeSendsItsEvents(t *testing.T) {
	common := []string{event.TypeTouch, event.TypeNetworkStatus, event.TypeBatteryStatus}
	for deviceType, want := range map[string][]string{
		event.DeviceTemperature:      append([]string{event.TypeTemperature, event.TypeProbeWireStatus}, common...),
		event.DeviceProximity:        append([]string{event.TypeObjectPresent}, common...),
		event.DeviceTouch:            common,
		event.DeviceHumidity:         append([]string{event.TypeHumidity}, common...),
		event.DeviceProximityCounter: append([]string{event.TypeObjectPresentCount}, common...),
		event.DeviceTouchCounter:     append([]string{event.TypeTouchCount}, common...),
		event.DeviceWaterDetector:    append([]string{event.TypeWaterPresent}, common...),
		event.DeviceCO2:              append([]string{event.TypeCO2, event.TypePressure}, common...),
		event.DeviceMotion:           append([]string{event.TypeMotion}, common...),
		event.DeviceDeskOccupancy:    append([]string{event.TypeDeskOccupancy}, common...),
		event.DeviceContact:          append([]string{event.TypeContact}, common...),
		event.DeviceCloudConnector:   {event.TypeConnectionStatus, event.TypeEthernetStatus, event.TypeCellularStatus, event.TypeTouch},
	} {
		t.Run(deviceType, func(t *testing.T) {
			readings, _ := run(newSensor(t, sensor.Options{Type: deviceType, Probe: true}), 30*24*time.Hour)
			seen := make(map[string]int)
			for _, r := range readings {
				seen[r.Type]++
			}
			for _, eventType := range want {
				if seen[eventType] == 0 {
					t.Errorf("no %s in 30 days", eventType)
				}
				delete(seen, eventType)
			}
			if len(seen) > 0 {
				t.Errorf("also sent %v", seen)
			}
		})
	}
}

func TestFirstEventIsAtTheStart(t *testing.T) {
	for _, deviceType := range event.DeviceTypes() {
		s := newSensor(t, sensor.Options{Type: deviceType})
		if !s.Next().Equal(start) || len(s.Act()) == 0 {
			t.Errorf("%s sends nothing at its start", deviceType)
		}
	}
}

func TestHeartbeatPace(t *testing.T) {
	tests := []struct {
		deviceType, eventType string
		least, most           time.Duration
	}{
		{event.DeviceProximityCounter, event.TypeObjectPresentCount, 12 * time.Minute, 18 * time.Minute},
		{event.DeviceCO2, event.TypePressure, 12 * time.Minute, 18 * time.Minute},
		{event.DeviceCO2, event.TypeBatteryStatus, 23 * time.Hour, 25 * time.Hour},
		// Besides the heartbeat, triggers send it: they only shorten the pause.
		{event.DeviceDeskOccupancy, event.TypeNetworkStatus, 0, 5*time.Minute + 20*time.Second},
	}
	for _, test := range tests {
		t.Run(test.deviceType+" "+test.eventType, func(t *testing.T) {
			readings, _ := run(newSensor(t, sensor.Options{Type: test.deviceType}), 10*24*time.Hour)
			readings = ofType(readings, test.eventType)
			if len(readings) < 9 {
				t.Fatalf("only %d events", len(readings))
			}
			for i, r := range readings[1:] {
				if pause := r.Time.Sub(readings[i].Time); pause < test.least || pause > test.most {
					t.Errorf("%v passed before %s", pause, r.Data)
				}
			}
		})
	}
}

func TestTemperatureIsBelievable(t *testing.T) {
	for _, celsius := range []float64{-20, 4, 0} {
		readings, _ := run(newSensor(t, sensor.Options{Type: event.DeviceTemperature, Celsius: celsius}), 5*24*time.Hour)
		centre := celsius
		if celsius == 0 {
			centre = 22
		}
		for _, r := range ofType(readings, event.TypeTemperature) {
			data, err := decode(t, r).Temperature()
			if err != nil {
				t.Fatal(err)
			}
			value, err := data.Value.Float64()
			if err != nil || value < centre-6 || value > centre+6 {
				t.Errorf("around %v: %s", celsius, r.Data)
			}
			if len(data.Samples) != 3 || data.Samples[0].Value != data.Value || !data.Samples[0].SampleTime.Equal(r.Time) ||
				!data.Samples[2].SampleTime.Before(data.Samples[1].SampleTime) {
				t.Errorf("samples: %s", r.Data)
			}
		}
	}
}

// A sensor out of reach sends later what it stored: newest first, one a second,
// with the times of measuring.
func TestBackfill(t *testing.T) {
	for deviceType, eventType := range map[string]string{
		event.DeviceTemperature: event.TypeTemperature,
		event.DeviceHumidity:    event.TypeHumidity,
	} {
		t.Run(deviceType, func(t *testing.T) {
			readings, sent := run(newSensor(t, sensor.Options{Type: deviceType}), 60*24*time.Hour)
			var backfilled int
			for i, r := range readings {
				var data map[string]struct {
					IsBackfilled bool `json:"isBackfilled"`
				}
				if r.Type != eventType {
					continue
				}
				if err := json.Unmarshal(r.Data, &data); err != nil {
					t.Fatal(err)
				}
				if !data[eventType].IsBackfilled {
					if !r.Time.Equal(sent[i]) {
						t.Errorf("live event of %v sent at %v", r.Time, sent[i])
					}
					continue
				}
				backfilled++
				if age := sent[i].Sub(r.Time); age < time.Minute {
					t.Errorf("backfilled event is only %v old", age)
				}
				if previous := readings[i-1]; i > 0 && sent[i].Sub(sent[i-1]) == time.Second && previous.Type == eventType && !previous.Time.After(r.Time) {
					t.Errorf("%v was sent before %v", previous.Time, r.Time)
				}
			}
			if backfilled == 0 {
				t.Error("nothing was backfilled in 60 days")
			}
		})
	}
}

func TestStatesAlternate(t *testing.T) {
	for deviceType, eventType := range map[string]string{
		event.DeviceProximity:     event.TypeObjectPresent,
		event.DeviceWaterDetector: event.TypeWaterPresent,
		event.DeviceMotion:        event.TypeMotion,
		event.DeviceContact:       event.TypeContact,
		event.DeviceDeskOccupancy: event.TypeDeskOccupancy,
	} {
		readings, _ := run(newSensor(t, sensor.Options{Type: deviceType}), 10*24*time.Hour)
		before := ""
		for _, r := range ofType(readings, eventType) {
			var data map[string]struct{ State string }
			if err := json.Unmarshal(r.Data, &data); err != nil {
				t.Fatal(err)
			}
			state := data[eventType].State
			if state == "" || state == before {
				t.Errorf("%s: %q after %q", deviceType, state, before)
			}
			before = state
		}
	}
}

func TestCountersNeverFall(t *testing.T) {
	readings, _ := run(newSensor(t, sensor.Options{Type: event.DeviceTouchCounter}), 3*24*time.Hour)
	last, first := int64(-1), int64(-1)
	for _, r := range ofType(readings, event.TypeTouchCount) {
		data, err := decode(t, r).TouchCount()
		if err != nil {
			t.Fatal(err)
		}
		total, err := data.Total.Int64()
		if err != nil || total < last {
			t.Errorf("%d after %d: %v", total, last, err)
		}
		if first < 0 {
			first = total
		}
		last = total
	}
	if last <= first {
		t.Errorf("counted nothing in 3 days: %d, then %d", first, last)
	}
}

func TestNetworkStatusNamesCloudConnectorsAround(t *testing.T) {
	around := []string{"ccon1", "ccon2"}
	readings, _ := run(newSensor(t, sensor.Options{Type: event.DeviceContact, CloudConnectors: func() []string { return around }}), 5*24*time.Hour)
	heard := make(map[string]int)
	for _, r := range ofType(readings, event.TypeNetworkStatus) {
		data, err := decode(t, r).NetworkStatus()
		if err != nil {
			t.Fatal(err)
		}
		if len(data.CloudConnectors) != 1 {
			t.Fatalf("%s names not exactly one Cloud Connector", r.Data)
		}
		heard[data.CloudConnectors[0].ID]++
	}
	if heard["ccon1"] == 0 || heard["ccon2"] == 0 || len(heard) != 2 {
		t.Errorf("heard by %v", heard)
	}
}

func TestSameRandomnessSameReadings(t *testing.T) {
	for _, deviceType := range event.DeviceTypes() {
		text := func(seed uint64) string {
			readings, _ := run(newSensor(t, sensor.Options{Type: deviceType, Random: rand.New(rand.NewPCG(seed, 0))}), 48*time.Hour)
			return fmt.Sprintf("%s", readings)
		}
		first, again, other := text(1), text(1), text(2)
		if first != again {
			t.Errorf("%s: one seed gave two sequences", deviceType)
		}
		if first == other {
			t.Errorf("%s: two seeds gave one sequence", deviceType)
		}
	}
}

func TestUnknownType(t *testing.T) {
	_, err := sensor.New(sensor.Options{Type: "toaster", Random: rand.New(rand.NewPCG(1, 2))})
	if !errors.Is(err, sensor.ErrType) {
		t.Errorf("got %v", err)
	}
}
