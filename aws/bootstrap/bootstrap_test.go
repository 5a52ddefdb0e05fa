package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/signature"
)

const signatureSecret = "the-signature-secret"

// touch returns the body of an event.
func touch(id string) string {
	return fmt.Sprintf(`{"event":{"eventId":%q,"targetName":"projects/p1/devices/d1","eventType":"touch","data":{"touch":{}},"timestamp":"2026-11-01T08:00:00Z"},`+
		`"labels":{},"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"touch","productNumber":""}}`, id)
}

// request is a function URL's event with a body that secret signs.
func request(t *testing.T, body, secret string) map[string]any {
	t.Helper()
	signer, err := signature.NewSigner([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"version": "2.0", "rawPath": "/", "headers": map[string]string{"content-type": "application/json", "x-dt-signature": token},
		"requestContext": map[string]any{"http": map[string]string{"method": "POST"}}, "body": body, "isBase64Encoded": false,
	}
}

// receiveEnv is that of receive with a queue of a fake.
func receiveEnv(f *fakeaws.Server, more map[string]string) map[string]string {
	env := map[string]string{
		"_HANDLER": "receive", "AWS_LAMBDA_FUNCTION_NAME": "dt-receive", "DT_SIGNATURE_SECRET": signatureSecret,
		"DT_SINK": "aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/queue",
	}
	maps.Copy(env, f.Env())
	maps.Copy(env, more)
	return env
}

// queue answers as SQS that stores everything.
func queue(c fakeaws.Call) fakeaws.Answer {
	var in struct{ Entries []struct{ Id string } }
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return fakeaws.Answer{Status: 500}
	}
	var ids []string
	for _, e := range in.Entries {
		ids = append(ids, fmt.Sprintf(`{"Id":%q}`, e.Id))
	}
	return fakeaws.Answer{Body: `{"Successful":[` + strings.Join(ids, ",") + `]}`}
}

// answer returns the answer to an event: its status, and its body's outcome.
func (w *world) answer(t *testing.T, event any) (status int, outcome string) {
	t.Helper()
	result := w.invoke(t, event)
	if result.Error != nil {
		t.Fatalf("the function failed: %v", result.Error)
	}
	var a struct {
		StatusCode int
		Body       string
	}
	var body struct{ Outcome string }
	if err := json.Unmarshal(result.Payload, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatalf("%v: %s", err, result.Payload)
	}
	return a.StatusCode, body.Outcome
}

func TestReceive(t *testing.T) {
	f := fakeaws.New(t, queue)
	w := start(t, receiveEnv(f, nil))
	if n := len(f.Calls()); n != 0 {
		t.Errorf("%d calls before the first request", n)
	}
	if status, outcome := w.answer(t, request(t, touch("event1"), signatureSecret)); status != 200 || outcome != "accepted" {
		t.Errorf("%d %s", status, outcome)
	}
	calls := f.Calls()
	if len(calls) != 1 || !strings.Contains(string(calls[0].Body), `"eventId":{"DataType":"String","StringValue":"event1"}`) {
		t.Errorf("calls %+v", calls)
	}
	if status, outcome := w.answer(t, request(t, touch("event2"), "another")); status != 401 || outcome != "unauthorized" {
		t.Errorf("%d %s", status, outcome)
	}
	w.process.Kill() // so that the log is whole
	// The log: a line an event, and one of metrics, each of them JSON.
	var metrics, events int
	for line := range strings.Lines(w.process.Log()) {
		var l struct {
			AWS     json.RawMessage `json:"_aws"`
			Message string
			Request string `json:"requestId"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		switch {
		case l.AWS != nil:
			metrics++
		case l.Message == "event" && strings.HasPrefix(l.Request, "00000000-"):
			events++
		}
	}
	if metrics != 2 || events != 2 {
		t.Errorf("%d lines of metrics and %d of events:\n%s", metrics, events, w.process.Log())
	}
	secrettest.CheckHidden(t, "the log", w.process.Log(), signatureSecret)
}

// What is no request is an error, since nobody waits for an answer of HTTP.
func TestReceiveOther(t *testing.T) {
	w := start(t, receiveEnv(fakeaws.New(t, queue), nil))
	result := w.invoke(t, map[string]string{"job": "sync"})
	if result.Error == nil || !strings.Contains(result.Error.Message, "not an HTTP request") {
		t.Errorf("got %+v", result)
	}
	if status, _ := w.answer(t, request(t, touch("event1"), signatureSecret)); status != 200 {
		t.Errorf("after it: %d", status)
	}
}

func TestNotStarted(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Denied() })
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"settings":     {map[string]string{"_HANDLER": "receive", "DT_SINK": "mqtt://x", "DT_LOG_LEVEL": "loud"}, []string{"DT_SIGNATURE_SECRET: ", "DT_SINK: ", "DT_LOG_LEVEL: ", "aws-sqs"}},
		"sink":         {receiveEnv(f, map[string]string{"DT_SINK": "aws-sqs://x"}), []string{"DT_SINK: ", "want aws-sqs://"}},
		"handler":      {map[string]string{"_HANDLER": "main"}, []string{"_HANDLER: ", "receive, rotate, sync, configure, recover"}},
		"no handler":   {nil, []string{"_HANDLER: "}},
		"secret store": {receiveEnv(f, map[string]string{"DT_SIGNATURE_SECRET": "aws-secretsmanager://dt"}), []string{"DT_SIGNATURE_SECRET: ", "AccessDeniedException", "secretsmanager:GetSecretValue"}},
		"rotation":     {map[string]string{"_HANDLER": "rotate", "DT_SIGNATURE_SECRET": "hunter2-hunter2-hunter2"}, []string{"DT_SIGNATURE_SECRET: ", "only a secret of AWS Secrets Manager"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := launch(t, programs.sound, c.env)
			reported := <-w.server.InitError()
			<-w.process.Ended()
			if w.process.ExitCode() != 1 {
				t.Errorf("exit code %d", w.process.ExitCode())
			}
			for _, want := range c.want {
				if !strings.Contains(reported.Message, want) || !strings.Contains(w.process.Log(), want) {
					t.Errorf("%q is not in what was reported: %s\nand logged: %s", want, reported.Message, w.process.Log())
				}
			}
			secrettest.CheckHidden(t, "the report", reported.Message+w.process.Log(), "hunter2-hunter2-hunter2")
		})
	}
}

// The secret changes in the store while the function runs, and then the store is gone.
func TestSecrets(t *testing.T) {
	var current atomic.Value
	current.Store("secret-number-one")
	f := fakeaws.New(t, func(c fakeaws.Call) fakeaws.Answer {
		switch {
		case strings.HasPrefix(c.Operation, "AmazonSQS"):
			return queue(c)
		case strings.Contains(string(c.Body), "AWSPREVIOUS"):
			return fakeaws.Answer{Body: `{"SecretString":"secret-number-zero"}`}
		case strings.Contains(string(c.Body), "AWSCURRENT"):
			return fakeaws.Answer{Body: fmt.Sprintf(`{"SecretString":%q}`, current.Load())}
		}
		return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceNotFoundException"}`}
	})
	w := start(t, receiveEnv(f, map[string]string{"DT_SIGNATURE_SECRET": "aws-secretsmanager://dt"}))
	for _, c := range []struct {
		secret string
		status int
	}{{"secret-number-one", 200}, {"secret-number-zero", 200}, {"secret-number-two", 401}} {
		if status, _ := w.answer(t, request(t, touch("event1"), c.secret)); status != c.status {
			t.Errorf("%s: %d, want %d", c.secret, status, c.status)
		}
	}
	if n := len(f.Calls()); n != 5 {
		t.Errorf("%d calls, want 3 for secrets and 2 for events", n)
	}
}

// A request is handled while another waits for its sink, where Lambda hands them over
// so.
func TestConcurrency(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	f := fakeaws.New(t, func(c fakeaws.Call) fakeaws.Answer {
		if strings.Contains(string(c.Body), "event0") {
			close(arrived)
			<-release
		}
		return queue(c)
	})
	w := start(t, receiveEnv(f, map[string]string{"AWS_LAMBDA_MAX_CONCURRENCY": "2"}))
	first := request(t, touch("event0"), signatureSecret)
	var done sync.WaitGroup
	done.Go(func() {
		if status, outcome := w.answer(t, first); status != 200 {
			t.Errorf("the first: %d %s", status, outcome)
		}
	})
	<-arrived
	if status, outcome := w.answer(t, request(t, touch("event1"), signatureSecret)); status != 200 {
		t.Errorf("the second: %d %s", status, outcome)
	}
	close(release)
	done.Wait()
}

// A queue that does not answer is a 503, before Lambda ends the function.
func TestDeadline(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Never: true} })
	w := start(t, receiveEnv(f, nil))
	payload, err := json.Marshal(request(t, touch("event1"), signatureSecret))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	result, err := w.server.Invoke(ctx, payload)
	if err != nil || result.Error != nil || !strings.Contains(string(result.Payload), `"statusCode":503`) {
		t.Errorf("%v, %+v", err, result)
	}
}
