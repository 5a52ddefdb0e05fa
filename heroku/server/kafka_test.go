//go:build platforms && linux

package main_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

// The server stores in Kafka, asks DT to come again while the broker is away, and has
// everything that it has accepted.
func TestKafkaComesAndGoes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := kafkatest.Start(ctx)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	must(t, kafkatest.CreateTopic(ctx, []string{b.Address()}, "events", 3, nil))

	p := start(t, "DT_SINK=kafka://"+b.Address()+"/events")
	s := newSender(t)
	var accepted []string
	post := func(id string, want int, outcome string) {
		t.Helper()
		status, body, err := s.post(p.address, id)
		if err != nil || status != want || !strings.Contains(body, outcome) {
			t.Errorf("%s: %d %s, %v; want %d %s", id, status, body, err, want, outcome)
		}
		if status == 200 {
			accepted = append(accepted, id)
		}
	}
	awaitStatus(t, p.address, "/readyz", 200)
	post("before", 200, `"outcome":"accepted"`)
	must(t, b.Kill())
	awaitStatus(t, p.address, "/readyz", 503)
	post("while-away", 503, `"outcome":"retry","reason":"sink"`)
	must(t, b.Restart(ctx))
	awaitStatus(t, p.address, "/readyz", 200)
	for i := range 20 {
		post(fmt.Sprint("after-", i), 200, `"outcome":"accepted"`)
	}
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	msgs, err := kafkatest.Messages(ctx, []string{b.Address()}, "events")
	must(t, err)
	var stored []string
	for _, m := range msgs {
		stored = append(stored, m.ID)
		if m.Key == "" || m.Attributes.EventType == "" || len(m.Data) == 0 {
			t.Errorf("%+v has no key, event type or data", m)
		}
	}
	for _, id := range accepted {
		if !slices.Contains(stored, id) {
			t.Errorf("%s was accepted, and is not in %v", id, stored)
		}
	}
}
