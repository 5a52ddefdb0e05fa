//go:build platforms

package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const temperature = `{"event":{"eventId":"%s","targetName":"projects/p1/devices/d1","eventType":"temperature",` +
	`"data":{"temperature":{"value":%s,"updateTime":"%s"}},"timestamp":"%s"},` +
	`"labels":{"name":"Kjøl 冷蔵庫","floor":"2"},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"temperature"}}`

// What users do: ask for temperatures, whichever encoding they came in, without
// seeing what could not be handled.
func TestReadings(t *testing.T) {
	database := newDatabase(t, shared)
	s := open(t, database)
	var msgs []sink.Message
	for i, encoding := range []event.Encoding{event.CloudEvents, event.RawBody} {
		h := handling.Handler{Encoding: encoding, Sink: s}
		at := fmt.Sprintf("2026-05-29T08:15:1%d.318751Z", i)
		ev, err := event.Decode(fmt.Appendf(nil, temperature, fmt.Sprint("e", i), fmt.Sprint(24.5+float64(i)), at, at))
		must(t, err)
		m := h.Message(ev)
		dead, _ := h.DeadLetterMessage(nil, fmt.Appendf(nil, `{"event":"%d"}`, i), "envelope")
		msgs = append(msgs, m, dead)
	}
	msgs = append(msgs, poison()...)
	_, err := s.Publish(t.Context(), msgs)
	must(t, err)

	got := scalar(t, database, `SELECT string_agg(concat_ws(' ', device, name, labels ->> 'floor', reading ->> 'value',
		to_char(occurred_at AT TIME ZONE 'UTC', 'HH24:MI:SS.US')), E'\n' ORDER BY occurred_at)
		FROM dt_readings WHERE event_type = 'temperature'`)
	want := "d1 Kjøl 冷蔵庫 2 24.5 08:15:10.318751\nd1 Kjøl 冷蔵庫 2 25.5 08:15:11.318751"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// The average, as a dashboard asks for it.
	if got := scalar(t, database, `SELECT avg((reading ->> 'value')::float8) FROM dt_readings WHERE event_type = 'temperature'`); got != "25" {
		t.Errorf("average %s", got)
	}
	// Nothing that is stored fails a look at everything.
	if got := scalar(t, database, `SELECT count(*) FROM (SELECT dt_readings::text FROM dt_readings) AS all_of_them`); got == "0" {
		t.Error("no readings")
	}
	if got := scalar(t, database, `SELECT count(*) FROM dt_events WHERE dead_letter = 'envelope'`); got != "2" {
		t.Errorf("%s dead letters", got)
	}
}

// poison is data that is JSON, more or less, but not for every program.
func poison() []sink.Message {
	var msgs []sink.Message
	for i, data := range []string{
		`{"labels":{"name":"\u0000"}}`, `{"labels":{"name":"\ud800"}}`, `{"labels":{"name":"\udc00\ud800"}}`, "{\"labels\":\"\x00\"}", "{\"labels\":\"\xff\"}",
		`{"event":{"timestamp":"2026-13-99T99:99:99Z"}}`, `{"event":{"timestamp":"soon"}}`, `{"event":{"timestamp":{}}}`, `{"event":[]}`,
		`{"specversion":"1.0"}`, `{"specversion":{},"data":7}`, `[]`, `null`, `"text"`, `1e999999`, `{"a":1,"a":2}`, ``, ` {} `, `{} {}`,
		strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000), strings.Repeat(`{"a":`, 127) + "1" + strings.Repeat(`}`, 127),
		`{"labels":"a string"}`, `{"labels":["name"]}`, `{"event":{"data":{"":7}}}`,
	} {
		m := message(fmt.Sprint("poison", i))
		m.Attributes.EventType, m.Data = "", []byte(data)
		msgs = append(msgs, m)
	}
	return msgs
}
