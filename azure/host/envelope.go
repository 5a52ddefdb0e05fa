package host

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
)

// errEnvelope is what a request in an envelope comes to.
var errEnvelope = fmt.Errorf("%w: the Functions host wraps requests in JSON, so that what was signed is lost; "+
	"set enableProxyingHttpRequest and enableForwardingHttpRequest to true under customHandler in host.json, "+
	"and leave the function one httpTrigger and one http output", receive.ErrBodyInexact)

// Exact returns a Receiver that hands requests on to next, telling it of those that
// the host has put in an envelope: their bodies are never verified.
//
// The host's mode shows in the request. Proxied and forwarded ones come as they were
// sent, on their own path, /api/NAME. An envelope is posted to the function's name,
// /NAME, and is JSON with Data and Metadata.
func Exact(next receivehttp.Receiver) receivehttp.Receiver { return exact{next} }

type exact struct{ next receivehttp.Receiver }

func (e exact) Handle(ctx context.Context, r receive.Request) receive.Answer {
	if r.BodyError == nil && isEnvelope(r) {
		r.Body, r.BodyError = nil, errEnvelope
	}
	return e.next.Handle(ctx, r)
}

// isEnvelope reports whether the host has put a request in an envelope. The path alone
// does not tell: an app may have set its routePrefix to "".
func isEnvelope(r receive.Request) bool {
	if strings.Count(r.Path, "/") != 1 {
		return false
	}
	var envelope struct{ Data, Metadata map[string]json.RawMessage }
	return json.Unmarshal(r.Body, &envelope) == nil && envelope.Data != nil && envelope.Metadata != nil
}
