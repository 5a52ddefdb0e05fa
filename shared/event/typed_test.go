package event_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

// typed calls the accessor of the event type.
func typed(ev *event.Event, eventType string) (any, error) {
	method := reflect.ValueOf(ev).MethodByName(strings.ToUpper(eventType[:1]) + eventType[1:])
	if eventType == event.TypeCO2 {
		method = reflect.ValueOf(ev).MethodByName("CO2")
	}
	out := method.Call(nil)
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

func TestTypedData(t *testing.T) {
	want := map[string]any{
		"touch":              event.Touch{UpdateTime: moment("2019-05-16T08:13:15.361624Z")},
		"temperature":        event.Temperature{Value: "24.9", Samples: []event.TemperatureSample{{"24.9", moment("2019-05-16T08:15:18.318751Z")}}, UpdateTime: moment("2019-05-16T08:15:18.318751Z")},
		"objectPresent":      event.ObjectPresent{"NOT_PRESENT", moment("2019-05-16T08:37:10.711412Z")},
		"humidity":           event.Humidity{Temperature: "22.45", RelativeHumidity: "17", Samples: []event.HumiditySample{{"22.45", "17", moment("2019-05-16T06:13:46.369Z")}}, UpdateTime: moment("2019-05-16T06:13:46.369Z")},
		"objectPresentCount": event.ObjectPresentCount{"4176", moment("2019-05-16T08:23:43.209Z")},
		"touchCount":         event.TouchCount{"469", moment("2019-05-16T08:25:21.604Z")},
		"waterPresent":       event.WaterPresent{"PRESENT", moment("2019-05-16T08:43:16.266Z")},
		"networkStatus":      event.NetworkStatus{"45", "-83", []event.CloudConnectorRef{{"bdkjbo2v0000uk377c4g", "45", "-83"}}, "LOW_POWER_STANDARD_MODE", moment("2019-05-16T08:21:21.076013Z")},
		"batteryStatus":      event.BatteryStatus{"100", moment("2019-05-16T08:21:21.076013Z")},
		"labelsChanged":      event.LabelsChanged{map[string]string{"label-key": "label-value"}, map[string]string{"label-key": "new-label-value"}, []string{"remove-key1", "remove-key2"}},
		"connectionStatus":   event.ConnectionStatus{"ETHERNET", []string{"CELLULAR", "ETHERNET"}, moment("2019-05-16T08:21:21.076013Z")},
		"ethernetStatus":     event.EthernetStatus{"f0:b5:b7:00:0a:08", "10.0.0.1", []event.StatusError{}, moment("2019-05-16T08:21:21.076013Z")},
		"cellularStatus":     event.CellularStatus{"80", []event.StatusError{}, moment("2019-05-16T08:21:21.076013Z")},
		"co2":                event.CO2{"526", moment("2022-01-27T15:50:34.471Z")},
		"motion":             event.Motion{"MOTION_DETECTED", moment("2023-08-02T11:03:18.595777Z")},
		"pressure":           event.Pressure{"99301", moment("2022-01-27T15:50:34.471Z")},
		"deskOccupancy":      event.DeskOccupancy{"OCCUPIED", []string{"INCOMPLETE_DATA"}, moment("2023-08-02T11:03:18.595777Z")},
		"contact":            event.Contact{"OPEN", moment("2023-08-02T11:03:18.595777Z")},
		"probeWireStatus":    event.ProbeWireStatus{"THREE_WIRE", moment("2023-08-02T11:03:18.595777Z")},
	}
	samples, _ := readSamples(t)
	if len(want) != len(event.Types()) {
		t.Fatalf("%d expectations for %d types", len(want), len(event.Types()))
	}
	for _, s := range samples {
		t.Run(s.EventType, func(t *testing.T) {
			ev := decode(t, string(compact(t, s.Forwarded)))
			got, err := typed(ev, s.EventType)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want[s.EventType]) {
				t.Errorf("got  %+v\nwant %+v", got, want[s.EventType])
			}
			for _, other := range event.Types() {
				if _, err := typed(ev, other); other != s.EventType && !errors.Is(err, event.ErrNoData) {
					t.Errorf("asked for %s: got %v, want ErrNoData", other, err)
				}
			}
		})
	}
}

func TestTypedDataEdgeCases(t *testing.T) {
	_, edges := readSamples(t)
	seen := 0
	for _, edge := range edges {
		var byType map[string]json.RawMessage
		if len(edge.Data) == 0 {
			continue
		}
		if err := json.Unmarshal(edge.Data, &byType); err != nil {
			t.Fatal(err)
		}
		for eventType := range byType {
			ev := decode(t, `{"event":{"eventId":"a","targetName":"projects/p/devices/d","eventType":"`+eventType+`","data":`+string(edge.Data)+`}}`)
			switch edge.ID {
			case "network-status-two-ccons":
				got, err := ev.NetworkStatus()
				if err != nil || len(got.CloudConnectors) != 2 || got.CloudConnectors[1].RSSI != "-40" {
					t.Errorf("%s: %+v, %v", edge.ID, got, err)
				}
			case "ethernet-errors":
				got, err := ev.EthernetStatus()
				if err != nil || len(got.Errors) != 1 || got.Errors[0].Message != "errorMessage" {
					t.Errorf("%s: %+v, %v", edge.ID, got, err)
				}
			case "cellular-errors":
				got, err := ev.CellularStatus()
				if err != nil || len(got.Errors) != 1 || got.Errors[0].Code != "errorCode" {
					t.Errorf("%s: %+v, %v", edge.ID, got, err)
				}
			case "unknown-event-type":
				if ev.Type != "somethingNew" || ev.Data == nil {
					t.Errorf("%s: %+v", edge.ID, ev)
				}
			default:
				t.Fatalf("no expectation for %s", edge.ID)
			}
			seen++
		}
	}
	if seen != 4 {
		t.Errorf("%d edge cases seen, want 4", seen)
	}
}

func TestTypedDataThatIsNotThere(t *testing.T) {
	for _, data := range []string{`null`, `{}`, `[]`, `7`, `{"temperature":null}`, `{"temperature":7}`, `{"temperature":{"value":"warm"}}`, `{"temperature":{"updateTime":"noon"}}`} {
		ev := decode(t, `{"event":{"eventId":"a","targetName":"projects/p","eventType":"temperature","data":`+data+`}}`)
		if _, err := ev.Temperature(); !errors.Is(err, event.ErrNoData) {
			t.Errorf("%s: got %v, want ErrNoData", data, err)
		}
	}
	ev := decode(t, `{"event":{"eventId":"a","targetName":"projects/p","eventType":"labelsChanged"}}`)
	if _, err := ev.LabelsChanged(); !errors.Is(err, event.ErrNoData) {
		t.Errorf("no data: got %v, want ErrNoData", err)
	}
}

// The same field comes as an integer and as a decimal; its text is kept.
func TestNumbersKeepTheirText(t *testing.T) {
	for _, number := range []string{"27", "27.0", "24.9", "-1.50", "2.7e1", "100000000000000000000000001"} {
		ev := decode(t, `{"event":{"eventId":"a","targetName":"projects/p","eventType":"temperature","data":{"temperature":{"value":`+number+`}}}}`)
		got, err := ev.Temperature()
		if err != nil || got.Value.String() != number {
			t.Errorf("%s: got %s, %v", number, got.Value, err)
		}
	}
}
