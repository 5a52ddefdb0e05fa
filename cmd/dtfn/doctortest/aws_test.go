//go:build platforms && linux

package doctortest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/runtimetest"
)

// The secret lies in Secrets Manager, where the doctor reads it too.
func TestSQS(t *testing.T) {
	server := mototest.Start(t)
	server.NewQueue(t, "events")
	server.NewQueue(t, "other")
	secrets := server.Service(t, "secretsmanager")
	for name, text := range map[string]string{"dt": theSecret, "dt-old": otherSecret} {
		must(t, secrets.JSON(t.Context(), "secretsmanager.CreateSecret", "1.1", map[string]string{"Name": name, "SecretString": text}, nil))
	}
	program, err := runtimetest.Build(t.Context(), t.TempDir())
	must(t, err)
	const queues = "aws-sqs://sqs." + mototest.Region + ".amazonaws.com/" + mototest.Account + "/"
	var env []string
	for name, value := range server.Env() {
		env = append(env, name+"="+value)
	}
	examine(t, platform{
		cloud: "aws",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			name := map[string]string{theSecret: "dt", otherSecret: "dt-old"}[secret]
			settings := map[string]string{"_HANDLER": "receive", "DT_SIGNATURE_SECRET": "aws-secretsmanager://" + name, "DT_SINK": strings.Join(sinks, ",")}
			maps.Copy(settings, server.Env())
			return lambda(t, program, settings)
		},
		sinks: []string{queues + "events"}, empty: []string{queues + "other"}, absent: []string{queues + "absent"}, env: env, reference: "aws-secretsmanager://dt",
	})
}

// All sinks at once.
func TestEverySinkOfAWS(t *testing.T) {
	server := mototest.Start(t)
	urls := func(name string) []string {
		return []string{
			"aws-sqs://sqs." + mototest.Region + ".amazonaws.com/" + mototest.Account + "/" + name + ".fifo",
			"aws-sns:///arn:aws:sns:" + mototest.Region + ":" + mototest.Account + ":" + name,
			"aws-eventbridge://" + name + "?region=" + mototest.Region,
			"aws-kinesis://" + name + "?region=" + mototest.Region,
		}
	}
	all := func(name string) []string {
		server.NewQueue(t, name+".fifo")
		consumer := server.NewQueue(t, name+"-consumer")
		server.NewTopic(t, name, consumer)
		server.NewBus(t, name, eventbridge.DefaultSource, consumer)
		server.NewStream(t, name)
		return urls(name)
	}
	sinks, other := all("events"), all("other")
	program, err := runtimetest.Build(t.Context(), t.TempDir())
	must(t, err)
	var env []string
	for name, value := range server.Env() {
		env = append(env, name+"="+value)
	}
	examine(t, platform{
		cloud: "aws",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			settings := map[string]string{"_HANDLER": "receive", "DT_SIGNATURE_SECRET": secret, "DT_SINK": strings.Join(sinks, ",")}
			maps.Copy(settings, server.Env())
			return lambda(t, program, settings)
		},
		sinks: sinks, empty: other, absent: urls("absent"), env: env,
	})
}

// lambda starts a function and a function URL before it, and returns that.
func lambda(t *testing.T, program string, env map[string]string) string {
	t.Helper()
	server, err := runtimetest.NewServer()
	must(t, err)
	process, err := server.StartProcess(program, env)
	must(t, err)
	t.Cleanup(func() {
		process.Kill()
		_ = server.Close()
	})
	select {
	case <-server.Ready():
	case <-process.Ended():
		t.Fatalf("the function did not start:\n%s", process.Log())
	}
	url := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		headers := make(map[string]string)
		for name, values := range r.Header {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
		payload, err := json.Marshal(map[string]any{
			"version": "2.0", "rawPath": r.URL.Path, "headers": headers, "requestContext": map[string]any{"http": map[string]string{"method": r.Method, "path": r.URL.Path}},
			"body": base64.StdEncoding.EncodeToString(body), "isBase64Encoded": true,
		})
		if err != nil {
			t.Error(err)
			return
		}
		result, err := server.Invoke(r.Context(), payload)
		var answer struct {
			StatusCode int
			Headers    map[string]string
			Body       string
		}
		if err != nil || result.Error != nil || json.Unmarshal(result.Payload, &answer) != nil {
			http.Error(w, "Internal Server Error", http.StatusBadGateway)
			return
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.WriteString(w, answer.Body)
	}))
	t.Cleanup(url.Close)
	return url.URL + "/"
}
