package webaction_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/ibm/actionloop"
	"github.com/dt-functions/dt-functions/ibm/webaction"
)

// Every form in which a body comes.
func TestRequestBody(t *testing.T) {
	const body = "{\"a\":\"\xff\"}"
	encoded := base64.StdEncoding.EncodeToString([]byte(body))
	for _, test := range []struct {
		name, value string
		want        string
		err         error
	}{
		{"base64", `{"__ow_body":"` + encoded + `"}`, body, nil},
		{"base64, and said so", `{"__ow_body":"` + encoded + `","__ow_isBase64Encoded":true}`, body, nil},
		{"text, and said so", `{"__ow_body":"e30=","__ow_isBase64Encoded":false}`, "e30=", nil},
		{"JSON in clear text", `{"__ow_body":"{\"a\":1}"}`, `{"a":1}`, nil},
		{"empty", `{"__ow_body":""}`, "", nil},
		{"neither", `{"__ow_body":"hello!"}`, "", receive.ErrBodyInexact},
		{"base64 with line breaks", `{"__ow_body":"e3\n0="}`, "{}", nil},
		{"text", `{"__ow_body":"hello","__ow_headers":{"content-type":"text/plain; charset=utf-8"}}`, "", receive.ErrContentType},
		{"a form", `{"__ow_body":"a=b","__ow_headers":{"Content-Type":"application/x-www-form-urlencoded"}}`, "", receive.ErrContentType},
		{"not raw", `{"event":{}}`, "", receive.ErrBodyInexact},
		{"not a text", `{"__ow_body":{}}`, "", receive.ErrBodyInexact},
	} {
		var value map[string]json.RawMessage
		if err := json.Unmarshal([]byte(test.value), &value); err != nil {
			t.Fatal(err)
		}
		r := webaction.Request(actionloop.Activation{Value: value})
		if string(r.Body) != test.want || !errors.Is(r.BodyError, test.err) {
			t.Errorf("%s: %q, %v", test.name, r.Body, r.BodyError)
		}
	}
}

func TestRequest(t *testing.T) {
	var value map[string]json.RawMessage
	const text = `{"__ow_method":"post","__ow_path":"/x","__ow_headers":{"x-dt-signature":"t","n":1},"__ow_body":""}`
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	a := actionloop.Activation{Value: value}
	r := webaction.Request(a)
	if !webaction.Is(a) || r.Method != "POST" || r.Path != "/x" || len(r.Header) != 1 || r.Header["x-dt-signature"][0] != "t" {
		t.Errorf("%+v", r)
	}
	if webaction.Is(actionloop.Activation{}) {
		t.Error("no request is taken for one")
	}
}

func TestNewResponse(t *testing.T) {
	got, err := json.Marshal(webaction.NewResponse(receive.Answer{Status: 503, Header: map[string]string{"Retry-After": "5"}, Body: []byte(`{"outcome":"retry"}`)}))
	if err != nil || string(got) != `{"statusCode":503,"headers":{"Retry-After":"5"},"body":{"outcome":"retry"}}` {
		t.Errorf("%s, %v", got, err)
	}
}
