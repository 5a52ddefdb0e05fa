// Package gateway turns the events by which AWS hands HTTP requests to a Lambda
// function into requests, and answers into what AWS takes back.
//
// There are four kinds: function URLs and HTTP APIs (payload format 2.0), REST APIs
// (1.0), and Application Load Balancers with their headers in either of two forms.
// Besides, one who may invoke the function can send headers and a body directly.
package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/functions/receive"
)

// A Kind is a kind of event.
type Kind string

// The kinds of events.
const (
	// HTTP2 is payload format 2.0: function URLs and HTTP APIs.
	HTTP2 Kind = "http-2.0"
	// REST is payload format 1.0: REST APIs, and HTTP APIs set to it.
	REST Kind = "rest-1.0"
	// ALB is a load balancer's event with a value a header.
	ALB Kind = "alb"
	// ALBMultiValue is a load balancer's event with lists of values, by an attribute
	// of its target group.
	ALBMultiValue Kind = "alb-multi-value"
	// Direct is a request that was put together by hand, for trying out.
	Direct Kind = "direct"
)

// ErrNoRequest means that an event is none of a request.
var ErrNoRequest = errors.New("the event is not an HTTP request of a function URL, an API or a load balancer")

// event has what is needed of all kinds. A header's or the body's absence may be null.
type event struct {
	Version           string
	HTTPMethod        string
	Path              string
	RawPath           string
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Body              json.RawMessage
	IsBase64Encoded   bool
	RequestContext    struct {
		ELB  json.RawMessage
		HTTP struct{ Method, Path string }
	}
}

// Decode reads an event. The body of the request is that of the sender byte for byte,
// or BodyError says why not. The error is ErrNoRequest.
func Decode(payload []byte) (receive.Request, Kind, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return receive.Request{}, "", ErrNoRequest
	}
	r := receive.Request{Method: e.HTTPMethod, Path: e.Path}
	var kind Kind
	switch {
	case len(e.RequestContext.ELB) > 0 && e.HTTPMethod != "":
		kind = ALB
		if e.MultiValueHeaders != nil {
			kind = ALBMultiValue
		}
	case e.Version == "2.0" && e.RequestContext.HTTP.Method != "":
		kind = HTTP2
		r.Method, r.Path = e.RequestContext.HTTP.Method, e.RawPath
	case e.HTTPMethod != "":
		kind = REST
	case e.Headers != nil || e.MultiValueHeaders != nil:
		kind = Direct
		r.Method, r.Path = "POST", "/"
	default:
		return receive.Request{}, "", ErrNoRequest
	}
	r.Header = e.header()
	r.Body, r.BodyError = e.body()
	return r, kind, nil
}

// header returns the headers; the lists, where there are any, since they lose nothing.
func (e *event) header() map[string][]string {
	if e.MultiValueHeaders != nil {
		return e.MultiValueHeaders
	}
	header := make(map[string][]string, len(e.Headers))
	for name, value := range e.Headers {
		header[name] = []string{value}
	}
	return header
}

// body returns the bytes that were sent. Whether the text is base64 is told by the
// flag alone: a content type tells nothing of it.
func (e *event) body() ([]byte, error) {
	if len(e.Body) == 0 || string(e.Body) == "null" {
		return nil, nil
	}
	var text string
	if err := json.Unmarshal(e.Body, &text); err != nil {
		return nil, fmt.Errorf("%w: it came as JSON instead of text; use the proxy integration, without a mapping template", receive.ErrBodyInexact)
	}
	if !e.IsBase64Encoded {
		return []byte(text), nil
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: isBase64Encoded is set, but it is not base64", receive.ErrBodyInexact)
	}
	return body, nil
}
