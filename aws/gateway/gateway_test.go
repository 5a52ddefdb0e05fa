package gateway_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/dt-functions/dt-functions/aws/gateway"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// Every shape carries the same signed event, which must verify.
func TestSignedRequests(t *testing.T) {
	data, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Secret string
		Clock  int64
		Shapes []struct {
			ID    string
			Event json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	verifier, err := signature.NewVerifier(signature.Config{
		Secrets: signature.StaticSecrets(file.Secret), Now: func() time.Time { return time.Unix(file.Clock, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]gateway.Kind{
		"lambda-http-api-v2-plain": gateway.HTTP2, "lambda-function-url-base64": gateway.HTTP2,
		"lambda-rest-v1-plain": gateway.REST, "lambda-dtintegrations-test-shape": gateway.Direct,
	}
	if len(file.Shapes) != len(kinds) {
		t.Fatalf("%d shapes, want %d", len(file.Shapes), len(kinds))
	}
	for _, shape := range file.Shapes {
		r, kind, err := gateway.Decode(shape.Event)
		if err != nil || r.BodyError != nil || kind != kinds[shape.ID] || r.Method != "POST" {
			t.Errorf("%s: %s %s, %v, %v", shape.ID, kind, r.Method, err, r.BodyError)
			continue
		}
		if _, err := verifier.Verify(t.Context(), r.Header, r.Body); err != nil {
			t.Errorf("%s: %v", shape.ID, err)
		}
	}
}

// A text goes through JSON as it was, whatever is in it.
func TestBodyIsExact(t *testing.T) {
	for _, body := range []string{
		"", "{}", "{\r\n}\n", "\ufeff{}", "\u2028\u2029", `{"a":"\u00e6\\"}`, "\x00\x01\x7f", "Kjøl 冷蔵庫 🌡", "e30=", strings.Repeat("x", receive.MaxBody),
	} {
		for _, encoded := range []bool{false, true} {
			text := body
			if encoded {
				text = base64.StdEncoding.EncodeToString([]byte(body))
			}
			payload, err := json.Marshal(map[string]any{"httpMethod": "POST", "resource": "/", "path": "/", "body": text, "isBase64Encoded": encoded})
			if err != nil {
				t.Fatal(err)
			}
			r, _, err := gateway.Decode(payload)
			if err != nil || r.BodyError != nil || string(r.Body) != body {
				t.Errorf("base64 %v: %.60q became %.60q, %v, %v", encoded, body, r.Body, err, r.BodyError)
			}
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	r, _, err := gateway.Decode([]byte(`{"httpMethod":"POST","body":"` + base64.StdEncoding.EncodeToString(all) + `","isBase64Encoded":true}`))
	if err != nil || !bytes.Equal(r.Body, all) {
		t.Errorf("all bytes became %q, %v", r.Body, err)
	}
}

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct {
		event  string
		kind   gateway.Kind
		want   receive.Request
		reason error // of BodyError
	}{
		"REST, flag missing, body null": {
			event: `{"resource":"/{proxy+}","path":"/a","httpMethod":"GET","headers":{"X-A":"1"},"multiValueHeaders":null,"body":null}`,
			kind:  gateway.REST, want: receive.Request{Method: "GET", Path: "/a", Header: map[string][]string{"X-A": {"1"}}},
		},
		"REST, repeated header": {
			event: `{"resource":"/","path":"/","httpMethod":"POST","headers":{"X-Dt-Signature":"b"},"multiValueHeaders":{"X-Dt-Signature":["a","b"]},"body":"x"}`,
			kind:  gateway.REST, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{"X-Dt-Signature": {"a", "b"}}, Body: []byte("x")},
		},
		"REST, no headers": {
			event: `{"resource":"/","path":"/","httpMethod":"POST","headers":null,"body":"x"}`,
			kind:  gateway.REST, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{}, Body: []byte("x")},
		},
		"HTTP API, format 1.0": {
			event: `{"version":"1.0","resource":"/","path":"/b","httpMethod":"POST","headers":{},"body":""}`,
			kind:  gateway.REST, want: receive.Request{Method: "POST", Path: "/b", Header: map[string][]string{}, Body: []byte{}},
		},
		"HTTP API, format 2.0, no body": {
			event: `{"version":"2.0","rawPath":"/c","headers":{"a":"1,2"},"requestContext":{"http":{"method":"PUT","path":"/c"}},"isBase64Encoded":false}`,
			kind:  gateway.HTTP2, want: receive.Request{Method: "PUT", Path: "/c", Header: map[string][]string{"a": {"1,2"}}},
		},
		"ALB": {
			event: `{"requestContext":{"elb":{"targetGroupArn":"x"}},"httpMethod":"POST","path":"/","headers":{"a":"1"},"body":"","isBase64Encoded":false}`,
			kind:  gateway.ALB, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{"a": {"1"}}, Body: []byte{}},
		},
		"ALB, lists": {
			event: `{"requestContext":{"elb":{"targetGroupArn":"x"}},"httpMethod":"POST","path":"/","multiValueHeaders":{"a":["1","2"]},"body":"e30=","isBase64Encoded":true}`,
			kind:  gateway.ALBMultiValue, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{"a": {"1", "2"}}, Body: []byte("{}")},
		},
		"direct": {
			event: `{"headers":{"A":"1"},"body":"x"}`,
			kind:  gateway.Direct, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{"A": {"1"}}, Body: []byte("x")},
		},
		"not base64": {
			event: `{"headers":{},"body":"%","isBase64Encoded":true}`, reason: receive.ErrBodyInexact,
			kind: gateway.Direct, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{}},
		},
		"body by a mapping template": {
			event: `{"httpMethod":"POST","path":"/","headers":{},"body":{"event":{}}}`, reason: receive.ErrBodyInexact,
			kind: gateway.REST, want: receive.Request{Method: "POST", Path: "/", Header: map[string][]string{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, kind, err := gateway.Decode([]byte(c.event))
			if !errors.Is(r.BodyError, c.reason) || (c.reason == nil) != (r.BodyError == nil) {
				t.Errorf("body error %v, want %v", r.BodyError, c.reason)
			}
			r.BodyError = nil
			if err != nil || kind != c.kind || !reflect.DeepEqual(r, c.want) {
				t.Errorf("got %s %+v, %v, want %s %+v", kind, r, err, c.kind, c.want)
			}
		})
	}
}

func TestNoRequest(t *testing.T) {
	for _, event := range []string{
		``, `null`, `{}`, `[]`, `"text"`, `{"job":"sync"}`, `{"Step":"createSecret","SecretId":"x","ClientRequestToken":"y"}`,
		`{"version":"0","source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, `{"Records":[]}`, `{"headers":null}`, `{"headers":7}`,
	} {
		if _, _, err := gateway.Decode([]byte(event)); !errors.Is(err, gateway.ErrNoRequest) {
			t.Errorf("%s: %v", event, err)
		}
	}
}

func TestEncode(t *testing.T) {
	a := receive.Answer{Status: 503, Header: map[string]string{"Content-Type": "application/json", "Retry-After": "5"}, Body: []byte(`{"outcome":"retry"}`)}
	want := map[gateway.Kind]string{
		gateway.HTTP2:         `{"statusCode":503,"headers":{"Content-Type":"application/json","Retry-After":"5"},"body":"{\"outcome\":\"retry\"}","isBase64Encoded":false}`,
		gateway.REST:          `{"statusCode":503,"headers":{"Content-Type":"application/json","Retry-After":"5"},"body":"{\"outcome\":\"retry\"}","isBase64Encoded":false}`,
		gateway.Direct:        `{"statusCode":503,"headers":{"Content-Type":"application/json","Retry-After":"5"},"body":"{\"outcome\":\"retry\"}","isBase64Encoded":false}`,
		gateway.ALB:           `{"statusCode":503,"statusDescription":"503 Service Unavailable","headers":{"Content-Type":"application/json","Retry-After":"5"},"body":"{\"outcome\":\"retry\"}","isBase64Encoded":false}`,
		gateway.ALBMultiValue: `{"statusCode":503,"statusDescription":"503 Service Unavailable","multiValueHeaders":{"Content-Type":["application/json"],"Retry-After":["5"]},"body":"{\"outcome\":\"retry\"}","isBase64Encoded":false}`,
	}
	for kind, text := range want {
		got, err := gateway.Encode(a, kind)
		if err != nil || string(got) != text {
			t.Errorf("%s: %s, %v", kind, got, err)
		}
		// AWS's own type reads it too.
		var response events.ALBTargetGroupResponse
		if err := json.Unmarshal(got, &response); err != nil || response.StatusCode != 503 || response.Body != string(a.Body) {
			t.Errorf("%s: %+v, %v", kind, response, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":"2.0","rawPath":"/","headers":{"a":"1"},"requestContext":{"http":{"method":"POST"}},"body":"e30=","isBase64Encoded":true}`))
	f.Add([]byte(`{"requestContext":{"elb":{}},"httpMethod":"POST","multiValueHeaders":{"a":["1"]},"body":"x"}`))
	f.Add([]byte(`{"headers":{},"body":{"a":1}}`))
	f.Add([]byte(`{"job":"sync"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, kind, err := gateway.Decode(payload)
		if err != nil {
			if !errors.Is(err, gateway.ErrNoRequest) || kind != "" {
				t.Fatalf("%s, %v", kind, err)
			}
			return
		}
		if r.Method == "" || r.Header == nil || r.BodyError != nil && r.Body != nil {
			t.Fatalf("%+v", r)
		}
		if _, err := gateway.Encode(receive.Answer{Status: 200}, kind); err != nil {
			t.Fatal(err)
		}
	})
}

func accepted() receive.Answer {
	return receive.Answer{Status: 200, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"outcome":"accepted"}`)}
}
