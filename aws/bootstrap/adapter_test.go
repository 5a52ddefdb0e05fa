package main_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
)

// A gatewayForm puts a request into the form of one of AWS's front doors.
type gatewayForm struct {
	name  string
	event func(r adaptertest.Request, path string) map[string]any
	lacks map[adaptertest.Feature]string
}

const anyPath = "every path is the connector's"

// What is sent as JSON is handed over as text, whatever it is.
const textOnly = "other bytes are changed on the way, and so refused"

func forms() []gatewayForm {
	return []gatewayForm{
		{"aws-url", functionURL, map[adaptertest.Feature]string{
			adaptertest.Paths: anyPath, adaptertest.AnyBytes: textOnly, adaptertest.RepeatedHeader: "joined by commas on the way",
		}},
		{"aws-rest", restAPI, map[adaptertest.Feature]string{adaptertest.Paths: anyPath, adaptertest.AnyBytes: textOnly}},
		{"aws-alb", loadBalancer, map[adaptertest.Feature]string{
			adaptertest.Paths: anyPath, adaptertest.AnyBytes: textOnly,
			adaptertest.LargeBody: "at most 1 MB", adaptertest.TooLargeBody: "at most 1 MB",
		}},
	}
}

func functionURL(r adaptertest.Request, path string) map[string]any {
	headers := make(map[string]string)
	for _, h := range r.Header {
		name := strings.ToLower(h[0])
		if old, ok := headers[name]; ok {
			headers[name] = old + "," + h[1]
			continue
		}
		headers[name] = h[1]
	}
	event := map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
		"requestContext": map[string]any{
			"domainName": "abc.lambda-url.eu-west-1.on.aws", "http": map[string]string{"method": r.Method, "path": path},
		},
		"isBase64Encoded": false,
	}
	if len(r.Body) > 0 {
		event["body"] = string(r.Body)
	}
	return event
}

func restAPI(r adaptertest.Request, path string) map[string]any {
	headers, lists := make(map[string]string), make(map[string][]string)
	for _, h := range r.Header {
		headers[h[0]] = h[1]
		lists[h[0]] = append(lists[h[0]], h[1])
	}
	event := map[string]any{
		"resource": "/{proxy+}", "path": path, "httpMethod": r.Method, "headers": headers, "multiValueHeaders": lists,
		"requestContext": map[string]any{"resourcePath": "/{proxy+}", "httpMethod": r.Method, "stage": "prod"}, "body": nil,
	}
	if len(r.Body) > 0 {
		event["body"] = string(r.Body)
	}
	return event
}

func loadBalancer(r adaptertest.Request, path string) map[string]any {
	lists := make(map[string][]string)
	for _, h := range r.Header {
		name := strings.ToLower(h[0])
		lists[name] = append(lists[name], h[1])
	}
	return map[string]any{
		"requestContext":    map[string]any{"elb": map[string]string{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/dt/1"}},
		"httpMethod":        r.Method,
		"path":              path,
		"multiValueHeaders": lists, "body": string(r.Body), "isBase64Encoded": false,
	}
}

// A target is a running bootstrap.
type target struct {
	*world
	form gatewayForm
}

// Do implements adaptertest.Target.
func (g target) Do(ctx context.Context, r adaptertest.Request) (adaptertest.Response, error) {
	path := r.Path
	if path == "" {
		path = "/dt"
	}
	payload, err := json.Marshal(g.form.event(r, path))
	if err != nil {
		return adaptertest.Response{}, err
	}
	result, err := g.server.Invoke(ctx, payload)
	if err != nil {
		return adaptertest.Response{}, err
	}
	if result.Error != nil {
		return adaptertest.Response{}, result.Error // a 502 to the sender
	}
	var answer struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders map[string][]string
		Body              string
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		return adaptertest.Response{}, err
	}
	response := adaptertest.Response{Status: answer.StatusCode, Header: make(http.Header), Body: []byte(answer.Body)}
	for name, value := range answer.Headers {
		response.Header.Set(name, value)
	}
	for name, values := range answer.MultiValueHeaders {
		response.Header[http.CanonicalHeaderKey(name)] = values
	}
	return response, nil
}

// The suite that every adapter passes, against the program that is deployed.
func TestAdapter(t *testing.T) {
	for _, form := range forms() {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel() // most of its time goes into waiting for sinks that do not answer
			adaptertest.Run(t, adaptertest.Platform{
				Name: form.name, Lacks: form.lacks,
				Start: func(t *testing.T, s adaptertest.Start) adaptertest.Target {
					env := map[string]string{"_HANDLER": "receive", "AWS_LAMBDA_MAX_CONCURRENCY": "8"}
					maps.Copy(env, s.Env)
					program := programs.sound
					if s.Faulty {
						program = programs.faulty
					}
					return target{startProgram(t, program, env), form}
				},
			})
		})
	}
}
