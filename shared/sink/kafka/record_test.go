package kafka_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

// What consumers find in a record.
func TestRecord(t *testing.T) {
	all := sink.Attributes{EventType: "temperature", DeviceType: "humidity", ProjectID: "p1", DeadLetter: "syntax", Recovered: true}
	for _, test := range []struct {
		name    string
		message sink.Message
		key     string
		null    bool // the key is null, so that such records are spread over the partitions
		headers string
	}{
		{"all", sink.Message{ID: "e1", Key: "d1", Attributes: all, Data: []byte("{}")}, "d1", false,
			"id=e1 eventType=temperature deviceType=humidity projectId=p1 deadLetter=syntax recovered=true"},
		{"without a key", sink.Message{ID: "e1", Data: []byte("{}")}, "", true, "id=e1"},
		{"without an id", sink.Message{Key: "d1", Attributes: sink.Attributes{ProjectID: "p1"}, Data: []byte{0, 0xff, '\n'}}, "d1", false, "projectId=p1"},
		{"without data", sink.Message{ID: "e1", Key: "d1"}, "d1", false, "id=e1"},
		{"empty", sink.Message{}, "", true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newFake(t, 1)
			_, err := open(t, config(c)).Publish(t.Context(), []sink.Message{test.message})
			must(t, err)
			records, err := kafkatest.Records(t.Context(), c.ListenAddrs(), topic)
			must(t, err)
			if len(records) != 1 {
				t.Fatalf("%d records", len(records))
			}
			r := records[0]
			if string(r.Key) != test.key || (r.Key == nil) != test.null {
				t.Errorf("key %q, null is %v", r.Key, r.Key == nil)
			}
			// A null value would delete in a compacted topic.
			if r.Value == nil || string(r.Value) != string(test.message.Data) {
				t.Errorf("value %q, null is %v", r.Value, r.Value == nil)
			}
			if got := headers(r); got != test.headers {
				t.Errorf("headers %s, want %s", got, test.headers)
			}
			if r.Attrs.CompressionType() != 0 {
				t.Errorf("compressed by %d", r.Attrs.CompressionType())
			}
		})
	}
}

func headers(r *kgo.Record) string {
	var all []string
	for _, h := range r.Headers {
		all = append(all, h.Key+"="+string(h.Value))
	}
	return strings.Join(all, " ")
}

// A device's events are in one partition and in the order in which they were
// published; the devices are spread over the partitions.
func TestOrder(t *testing.T) {
	const devices, each = 20, 25
	c := newFake(t, 4)
	s := open(t, config(c))
	for i := range each {
		var msgs []sink.Message
		for device := range devices {
			m := message(fmt.Sprint(i))
			m.Key = fmt.Sprint("device-", device)
			msgs = append(msgs, m)
		}
		_, err := s.Publish(t.Context(), msgs)
		must(t, err)
	}
	records, err := kafkatest.Records(t.Context(), c.ListenAddrs(), topic)
	must(t, err)
	partition, next, used := map[string]int32{}, map[string]int{}, map[int32]bool{}
	for _, r := range records {
		key := string(r.Key)
		if before, known := partition[key]; known && before != r.Partition {
			t.Fatalf("%s is in the partitions %d and %d", key, before, r.Partition)
		}
		partition[key], used[r.Partition] = r.Partition, true
		if !slices.ContainsFunc(r.Headers, func(h kgo.RecordHeader) bool {
			return h.Key == "id" && string(h.Value) == fmt.Sprint(next[key])
		}) {
			t.Fatalf("%s: %v at the place of %d", key, headers(r), next[key])
		}
		next[key]++
	}
	if len(records) != devices*each || len(used) != 4 {
		t.Errorf("%d records in %d partitions", len(records), len(used))
	}
}
