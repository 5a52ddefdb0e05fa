package sink_test

import (
	"context"
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/shared/sink"
)

func ExampleDrivers_Open() {
	drivers := sink.Portable{Stdout: os.Stdout}.Drivers()
	s, err := drivers.Open(context.Background(), []string{"stdout:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	_, err = s.Publish(context.Background(), []sink.Message{
		{ID: "c82gg9catj3vmh4248og", Key: "emuc17m6d7lq0bgk44smcqg", Data: []byte(`{"event":{"eventId":"c82gg9catj3vmh4248og"}}`)},
		{ID: "c82gg9catj3vmh4248p0", Data: []byte("not JSON")},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"event":{"eventId":"c82gg9catj3vmh4248og"}}
	// {"id":"c82gg9catj3vmh4248p0","key":"","attributes":{},"data_base64":"bm90IEpTT04="}
}

func ExampleDrivers_Check() {
	_, err := sink.Portable{Stdout: os.Stdout}.Drivers().Check("kafka://user:password@broker/topic")
	fmt.Println(err)
	// Output:
	// sink URL has the unknown scheme "kafka": want file:///path, http://…, https://…, stdout:
}

func ExampleNewBatcher() {
	b := sink.NewBatcher(func(_ context.Context, msgs []sink.Message) ([]bool, error) {
		fmt.Println("one transaction for", len(msgs), "messages")
		return nil, nil
	}, sink.Limits{})
	defer b.Close()
	result, err := b.Publish(context.Background(), []sink.Message{{ID: "a"}, {ID: "b"}})
	fmt.Println(result.Duplicates, err)
	// Output:
	// one transaction for 2 messages
	// 0 <nil>
}
