// Package webaction turns the parameters of an OpenWhisk web action into requests of
// the receive function, and its answers back (apache/openwhisk, docs/webactions.md).
package webaction

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"strings"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/ibm/actionloop"
)

// The parameters that OpenWhisk sets.
const (
	methodParameter  = "__ow_method"
	headersParameter = "__ow_headers"
	pathParameter    = "__ow_path"
	bodyParameter    = "__ow_body"
	base64Parameter  = "__ow_isBase64Encoded" // some hosts
)

// Is tells whether an activation is a web request, and not one by a trigger or a
// person who may invoke the action.
func Is(a actionloop.Activation) bool {
	_, ok := a.Value[methodParameter]
	return ok
}

// Request returns the request that an activation holds.
func Request(a actionloop.Activation) receive.Request {
	r := receive.Request{
		Method: strings.ToUpper(text(a, methodParameter)), Path: text(a, pathParameter), Header: make(map[string][]string),
	}
	var headers map[string]json.RawMessage
	_ = json.Unmarshal(a.Value[headersParameter], &headers) // without headers nothing is accepted
	for name, raw := range headers {
		var value string
		if json.Unmarshal(raw, &value) == nil {
			r.Header[name] = append(r.Header[name], value)
		}
	}
	r.Body, r.BodyError = body(a, r.Header)
	return r
}

func text(a actionloop.Activation, name string) string {
	var s string
	_ = json.Unmarshal(a.Value[name], &s)
	return s
}

var errNotRaw = fmt.Errorf("%w: the action gets no body, since it was not deployed with raw HTTP handling; "+
	"deploy it with `--web raw`", receive.ErrBodyInexact)

// body returns the bytes that were sent. What OpenWhisk says of them is obeyed where
// it says something. Otherwise bodies of JSON and of what is not text come in base64,
// and text comes as text, in which bytes that are not UTF-8 are lost. A body that is a
// JSON object in clear text is what some hosts make of JSON; base64 never begins so.
func body(a actionloop.Activation, header map[string][]string) ([]byte, error) {
	raw, there := a.Value[bodyParameter]
	if !there {
		return nil, errNotRaw
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, errNotRaw
	}
	var flag bool
	if err := json.Unmarshal(a.Value[base64Parameter], &flag); err == nil {
		if !flag {
			return []byte(s), nil
		}
		return decode(s)
	}
	switch {
	case s == "" || strings.HasPrefix(s, "{"):
		return []byte(s), nil
	case isText(header):
		return nil, receive.ErrContentType
	}
	return decode(s)
}

func decode(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: __ow_body is neither JSON nor base64", receive.ErrBodyInexact)
	}
	return b, nil
}

// isText tells whether the content type is one of text, whose bodies come as text.
func isText(header map[string][]string) bool {
	for name, values := range header {
		if strings.EqualFold(name, "Content-Type") && len(values) > 0 {
			kind, _, err := mime.ParseMediaType(values[0])
			return err == nil && (strings.HasPrefix(kind, "text/") || kind == "application/x-www-form-urlencoded")
		}
	}
	return false
}

// A Response is what a web action returns.
type Response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	// Body is an object: a text that happens to be base64 would be decoded by the
	// controller.
	Body json.RawMessage `json:"body"`
}

// NewResponse returns an answer as a web action returns it.
func NewResponse(a receive.Answer) Response {
	return Response{StatusCode: a.Status, Headers: a.Header, Body: a.Body}
}
