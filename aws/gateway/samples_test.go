package gateway_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/dt-functions/dt-functions/aws/gateway"
)

// samples returns the folder with AWS's own samples, which its Go module brings along.
func samples(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-lambda-go").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "events", "testdata")
}

// What AWS's own types make of AWS's own samples, is what comes out here.
func TestSamples(t *testing.T) {
	type request struct {
		method, path, body string
		encoded            bool
		headers            map[string]string
		lists              map[string][]string
	}
	v2 := func(data []byte) (request, error) {
		var e events.APIGatewayV2HTTPRequest
		err := json.Unmarshal(data, &e)
		return request{e.RequestContext.HTTP.Method, e.RawPath, e.Body, e.IsBase64Encoded, e.Headers, nil}, err
	}
	v1 := func(data []byte) (request, error) {
		var e events.APIGatewayProxyRequest
		err := json.Unmarshal(data, &e)
		return request{e.HTTPMethod, e.Path, e.Body, e.IsBase64Encoded, e.Headers, e.MultiValueHeaders}, err
	}
	alb := func(data []byte) (request, error) {
		var e events.ALBTargetGroupRequest
		err := json.Unmarshal(data, &e)
		return request{e.HTTPMethod, e.Path, e.Body, e.IsBase64Encoded, e.Headers, e.MultiValueHeaders}, err
	}
	function := func(data []byte) (request, error) {
		var e events.LambdaFunctionURLRequest
		err := json.Unmarshal(data, &e)
		return request{e.RequestContext.HTTP.Method, e.RawPath, e.Body, e.IsBase64Encoded, e.Headers, nil}, err
	}
	folder := samples(t)
	for name, c := range map[string]struct {
		kind gateway.Kind
		read func([]byte) (request, error)
	}{
		"lambda-urls-request":                          {gateway.HTTP2, function},
		"apigw-v2-request-no-authorizer":               {gateway.HTTP2, v2},
		"apigw-v2-request-iam":                         {gateway.HTTP2, v2},
		"apigw-v2-request-jwt-authorizer":              {gateway.HTTP2, v2},
		"apigw-v2-request-lambda-authorizer":           {gateway.HTTP2, v2},
		"apigw-request":                                {gateway.REST, v1},
		"apigw-restapi-openapi-request":                {gateway.REST, v1},
		"alb-lambda-target-request-headers-only":       {gateway.ALB, alb},
		"alb-lambda-target-request-multivalue-headers": {gateway.ALBMultiValue, alb},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := c.read(data)
			if err != nil {
				t.Fatal(err)
			}
			got, kind, err := gateway.Decode(data)
			if err != nil || kind != c.kind {
				t.Fatalf("kind %s, %v, want %s", kind, err, c.kind)
			}
			lists := want.lists
			if lists == nil {
				lists = make(map[string][]string)
				for name, value := range want.headers {
					lists[name] = []string{value}
				}
			}
			if got.Method != want.method || got.Path != want.path || !reflect.DeepEqual(got.Header, lists) {
				t.Errorf("got %s %s %v, want %s %s %v", got.Method, got.Path, got.Header, want.method, want.path, lists)
			}
			if want.encoded {
				if got.BodyError != nil || strings.Contains(string(got.Body), want.body) {
					t.Errorf("body %q of %q, %v", got.Body, want.body, got.BodyError)
				}
			} else if string(got.Body) != want.body {
				t.Errorf("body %q, want %q", got.Body, want.body)
			}
		})
	}
}

// AWS's samples of answers have no field that an answer of ours lacks, but for those
// of their own purposes.
func TestSampleResponses(t *testing.T) {
	for name, kind := range map[string]gateway.Kind{
		"apigw-response": gateway.REST, "lambda-urls-response": gateway.HTTP2, "alb-lambda-target-response": gateway.ALB,
	} {
		data, err := os.ReadFile(filepath.Join(samples(t), name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var sample, ours map[string]any
		if err := json.Unmarshal(data, &sample); err != nil {
			t.Fatal(err)
		}
		text, err := gateway.Encode(accepted(), kind)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &ours); err != nil {
			t.Fatal(err)
		}
		for field := range sample {
			if field == "cookies" || field == "multiValueHeaders" {
				continue // none are sent; headers say the same
			}
			if _, ok := ours[field]; !ok {
				t.Errorf("%s: %s is missing in %s", name, field, text)
			}
		}
		if ours["statusCode"] != float64(http.StatusOK) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
