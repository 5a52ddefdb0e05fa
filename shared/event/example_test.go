package event_test

import (
	"fmt"

	"github.com/dt-functions/dt-functions/shared/event"
)

func ExampleDecode() {
	body := []byte(`{"event":{"eventId":"c82gg9catj3vmh420001","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg",` +
		`"eventType":"temperature","data":{"temperature":{"value":24.9,"updateTime":"2019-05-16T08:15:18.318751Z"}},` +
		`"timestamp":"2019-05-16T08:15:18.318751Z"},"labels":{"name":"Fridge 3"}}`)
	ev, err := event.Decode(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	temperature, err := ev.Temperature()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ev.DisplayName(), temperature.Value, "°C at", temperature.UpdateTime)
	// Output: Fridge 3 24.9 °C at 2019-05-16 08:15:18.318751 +0000 UTC
}

func ExampleEncoding_Encode() {
	ev, err := event.Decode([]byte(`{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/p/devices/d","eventType":"touch"},"labels":{"name":"Door"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", event.CloudEvents.Encode(ev, ev.Labels))
	// Output: {"specversion":"1.0","id":"c82gg9catj3vmh4248og","source":"projects/p/devices/d","type":"com.disruptive-technologies.touch","subject":"d","datacontenttype":"application/json","data":{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/p/devices/d","eventType":"touch"},"labels":{"name":"Door"}}}
}
