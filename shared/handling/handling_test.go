package handling_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const body = `{"event":{"eventId":"e1","targetName":"projects/p1/devices/d1","eventType":"touch","data":{"touch":{}},"timestamp":"2026-01-01T00:00:00Z"},` +
	`"labels":{"name":"Door","room":"1"},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"touch"}}`

// memory is a sink that remembers.
type memory struct {
	name   string
	closed bool
}

func (*memory) Publish(context.Context, []sink.Message) (sink.Result, error) {
	return sink.Result{}, nil
}

func (m *memory) Close() error { m.closed = true; return nil }

func load(t *testing.T, d sink.Drivers, env settings.Environment) settings.Handling {
	t.Helper()
	env["DT_SIGNATURE_SECRET"] = "a-secret-of-some-length"
	s, err := settings.LoadReceive(env, d)
	if err != nil {
		t.Fatal(err)
	}
	return s.Handling
}

func TestMessage(t *testing.T) {
	ev, err := event.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	ev.Recovered = true
	h := handling.Handler{Encoding: event.RawBody}
	m := h.Message(ev)
	want := sink.Attributes{EventType: "touch", DeviceType: "touch", ProjectID: "p1", Recovered: true}
	if m.ID != "e1" || m.Key != "d1" || m.Attributes != want || string(m.Data) != body {
		t.Errorf("message %+v", m)
	}
}

// Every body is kept under the id that a redelivery of it gets too, in the
// dead-letter sink as it came, in the main sink with a mark.
func TestDeadLetterMessage(t *testing.T) {
	main, dead := &memory{name: "main"}, &memory{name: "dead"}
	both := handling.Handler{Sink: main, DeadLetter: dead}
	m, to := both.DeadLetterMessage(nil, []byte("{"), "syntax")
	again, _ := both.DeadLetterMessage(nil, []byte("{"), "syntax")
	other, _ := both.DeadLetterMessage(nil, []byte("}"), "syntax")
	if to != dead || string(m.Data) != "{" || m.Attributes.DeadLetter != "syntax" || m.ID != again.ID || m.ID == other.ID {
		t.Errorf("to %v: %+v", to, m)
	}
	one := handling.Handler{Sink: main}
	if m, to = one.DeadLetterMessage(nil, []byte("{"), "syntax"); to != main || !bytes.Contains(m.Data, []byte(event.TypeUndecodable)) {
		t.Errorf("to %v: %s", to, m.Data)
	}
	ev, err := event.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if m, _ = both.DeadLetterMessage(ev, []byte(body), "too-large-for-sink"); m.ID != "e1" || m.Key != "d1" || m.Attributes.EventType != "touch" {
		t.Errorf("%+v", m)
	}
}

func TestOpenAndClose(t *testing.T) {
	opened := map[string]*memory{}
	open := func(_ context.Context, u *url.URL) (sink.Sink, error) {
		if u.Host == "broken" {
			return nil, errors.New("marker")
		}
		opened[u.Host] = &memory{name: u.Host}
		return opened[u.Host], nil
	}
	d := sink.Drivers{"mem": open, "https": open}
	var signers []*signature.Signer
	drivers := func(s *signature.Signer) sink.Drivers { signers = append(signers, s); return d }

	h, err := handling.Open(t.Context(), load(t, d, settings.Environment{
		"DT_SINK": "mem://main", "DT_DEAD_LETTER": "https://dead/x", "DT_FORWARD_SECRET": "another-secret-of-some-length",
	}), drivers, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if h.Sink != opened["main"] || h.DeadLetter != opened["dead"] || signers[0] == nil {
		t.Errorf("opened %v, signer %v", opened, signers[0])
	}
	if err := h.Close(); err != nil || !opened["main"].closed || !opened["dead"].closed {
		t.Errorf("close: %v", err)
	}

	// What was opened before the failure is closed again, and the variable is named.
	_, err = handling.Open(t.Context(), load(t, d, settings.Environment{"DT_SINK": "mem://main", "DT_DEAD_LETTER": "mem://broken"}), drivers, time.Now)
	if err == nil || !strings.Contains(err.Error(), "DT_DEAD_LETTER: ") || !opened["main"].closed || signers[1] != nil {
		t.Errorf("error %v", err)
	}
	_, err = handling.Open(t.Context(), load(t, d, settings.Environment{"DT_SINK": "mem://broken"}), drivers, time.Now)
	if err == nil || !strings.Contains(err.Error(), "DT_SINK: ") {
		t.Errorf("error %v", err)
	}
}
