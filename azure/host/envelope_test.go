package host_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/host"
	"github.com/dt-functions/dt-functions/functions/receive"
)

// A receiver remembers what it was handed.
type receiver struct{ got receive.Request }

func (r *receiver) Handle(_ context.Context, request receive.Request) receive.Answer {
	r.got = request
	return receive.Answer{Status: 200}
}

func TestExact(t *testing.T) {
	const (
		envelope = `{"Data":{"req":{"Url":"https://x/api/receive","Method":"POST","Headers":{},"Body":"{}"}},"Metadata":{}}`
		event    = `{"event":{"eventId":"e1"},"labels":{},"metadata":{}}`
	)
	tests := map[string]struct {
		path, body string
		inexact    bool
	}{
		"proxied or forwarded":          {"/api/receive", event, false},
		"an envelope":                   {"/receive", envelope, true},
		"of a function of another name": {"/DtReceiver", envelope, true},
		"with names in the other case":  {"/receive", strings.ToLower(envelope), true},
		"no prefix":                     {"/receive", event, false},
		"no prefix, empty":              {"/receive", "", false},
		"a body like an envelope":       {"/api/receive", envelope, false},
		"half an envelope":              {"/receive", `{"Data":{}}`, false},
		"other types":                   {"/receive", `{"Data":1,"Metadata":{}}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var r receiver
			answer := host.Exact(&r).Handle(t.Context(), receive.Request{Method: "POST", Path: test.path, Body: []byte(test.body)})
			if answer.Status != 200 {
				t.Errorf("answer %+v", answer)
			}
			err := r.got.BodyError
			if errors.Is(err, receive.ErrBodyInexact) != test.inexact || (string(r.got.Body) == test.body) == test.inexact && test.body != "" {
				t.Errorf("handed over %q, %v", r.got.Body, err)
			}
			if test.inexact && !strings.Contains(err.Error(), "enableProxyingHttpRequest") {
				t.Errorf("error %v names no setting", err)
			}
		})
	}
	// A body that did not come is that and nothing else.
	var r receiver
	host.Exact(&r).Handle(t.Context(), receive.Request{Path: "/receive", BodyError: receive.ErrBodyTooLarge})
	if !errors.Is(r.got.BodyError, receive.ErrBodyTooLarge) {
		t.Errorf("%v", r.got.BodyError)
	}
}
