package sqs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/sqs"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const standard, fifo = "aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/queue", "aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/queue.fifo"

func openFake(t *testing.T, f *fakeaws.Server, url string) sink.Sink {
	t.Helper()
	s, err := sink.Drivers{sqs.Scheme: sqs.Open(f.Client())}.Open(t.Context(), []string{url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func touch(id string) sink.Message {
	return sink.Message{ID: id, Key: "device1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{"a":"<ø>"}`)}
}

// stored answers that all entries are stored, but for those in failed.
func stored(failed map[string]string) func(fakeaws.Call) fakeaws.Answer {
	return func(c fakeaws.Call) fakeaws.Answer {
		var in struct {
			Entries []struct{ Id, MessageBody string }
		}
		if err := json.Unmarshal(c.Body, &in); err != nil {
			return fakeaws.Answer{Status: 500}
		}
		var good, bad []string
		for _, e := range in.Entries {
			if f, ok := failed[e.MessageBody]; ok {
				bad = append(bad, fmt.Sprintf(`{"Id":%q,%s}`, e.Id, f))
			} else {
				good = append(good, fmt.Sprintf(`{"Id":%q}`, e.Id))
			}
		}
		return fakeaws.Answer{Body: fmt.Sprintf(`{"Successful":[%s],"Failed":[%s]}`, strings.Join(good, ","), strings.Join(bad, ","))}
	}
}

func TestRequest(t *testing.T) {
	for url, want := range map[string]string{
		standard: `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/queue","Entries":[{"Id":"0","MessageBody":"{\"a\":\"\u003cø\u003e\"}",` +
			`"MessageAttributes":{"deviceId":{"DataType":"String","StringValue":"device1"},"eventId":{"DataType":"String","StringValue":"e1"},"eventType":{"DataType":"String","StringValue":"touch"}}}]}`,
		fifo: `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/queue.fifo","Entries":[{"Id":"0","MessageBody":"{\"a\":\"\u003cø\u003e\"}",` +
			`"MessageAttributes":{"deviceId":{"DataType":"String","StringValue":"device1"},"eventId":{"DataType":"String","StringValue":"e1"},"eventType":{"DataType":"String","StringValue":"touch"}},` +
			`"MessageGroupId":"device1","MessageDeduplicationId":"e1"}]}`,
	} {
		f := fakeaws.New(t, stored(nil))
		if _, err := openFake(t, f, url).Publish(t.Context(), []sink.Message{touch("e1")}); err != nil {
			t.Fatal(err)
		}
		c := f.Calls()[0]
		if c.Operation != "AmazonSQS.SendMessageBatch" || string(c.Body) != want {
			t.Errorf("sent %s %s, want %s", c.Operation, c.Body, want)
		}
	}
}

func TestEntriesFail(t *testing.T) {
	for name, c := range map[string]struct {
		failure  string
		tooLarge bool
		calls    int
	}{
		"AWS's fault":   {`"Code":"InternalError","Message":"m","SenderFault":false`, false, 3},
		"throttled":     {`"Code":"RequestThrottled","Message":"m","SenderFault":true`, false, 3},
		"sender":        {`"Code":"InvalidMessageContents","Message":"m","SenderFault":true`, false, 1},
		"too large":     {`"Code":"InvalidParameterValue","Message":"One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.","SenderFault":true`, true, 1},
		"other fault":   {`"Code":"InvalidParameterValue","Message":"Reason: other","SenderFault":true`, false, 1},
		"no permission": {`"Code":"KmsAccessDenied","Message":"m","SenderFault":true`, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, stored(map[string]string{"bad": c.failure}))
			bad := touch("e2")
			bad.Data = []byte("bad")
			_, err := openFake(t, f, standard).Publish(t.Context(), []sink.Message{touch("e1"), bad, touch("e3")})
			if err == nil || errors.Is(err, sink.ErrTooLarge) != c.tooLarge || !strings.Contains(err.Error(), "1 of 3") {
				t.Errorf("got %v", err)
			}
			if n := len(f.Calls()); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

// An answer that leaves a message out says nothing of it, so it counts as not stored.
func TestAnswerWithoutEntry(t *testing.T) {
	for _, body := range []string{`{}`, `{"Successful":[{"Id":"7"},{"Id":"x"}]}`, `{"Failed":[{"Id":"-1"}]}`} {
		f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: body} })
		if _, err := openFake(t, f, standard).Publish(t.Context(), []sink.Message{touch("e1")}); err == nil {
			t.Errorf("%s is taken for stored", body)
		}
	}
}

func TestTooLarge(t *testing.T) {
	f := fakeaws.New(t, stored(nil))
	s := openFake(t, f, standard)
	attributes := touch("e1")
	attributes.Attributes.EventType = strings.Repeat("x", 1<<20)
	data := touch("e1")
	data.Data = make([]byte, sqs.MaxData+1)
	for _, m := range []sink.Message{attributes, data} {
		if _, err := s.Publish(t.Context(), []sink.Message{m}); !errors.Is(err, sink.ErrTooLarge) || len(f.Calls()) != 0 {
			t.Errorf("%v, %d calls", err, len(f.Calls()))
		}
	}
	f.Set(func(fakeaws.Call) fakeaws.Answer {
		return fakeaws.Answer{Status: 400, Body: `{"__type":"com.amazonaws.sqs#BatchRequestTooLong","message":"m"}`}
	})
	if _, err := s.Publish(t.Context(), []sink.Message{touch("e1")}); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestURL(t *testing.T) {
	env := settings.Environment{"AWS_REGION": "us-east-1"}
	d := sink.Drivers{sqs.Scheme: sqs.Open(awsapi.New(awsapi.Config{Env: env}))}
	for url, want := range map[string]string{
		standard: "",
		fifo:     "",
		"aws-sqs://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/queue": "",
		"aws-sqs://queue.example/123456789012/queue":                           "", // AWS_REGION
		"aws-sqs://queue.example/123456789012/queue?region=eu-west-1":          "",
		"aws-sqs://queue.example/123456789012/queue?region=x.y":                "not an AWS region",
		"aws-sqs://sqs.eu-west-1.amazonaws.com/queue":                          "want aws-sqs://sqs.REGION",
		"aws-sqs:///123456789012/queue":                                        "want aws-sqs://sqs.REGION",
		"aws-sqs://sqs.eu-west-1.amazonaws.com/1/q?fifo=true":                  "takes no query",
		"aws-sqs://u:hunter2@sqs.eu-west-1.amazonaws.com/1/q":                  "want aws-sqs://sqs.REGION",
	} {
		s, err := d.Open(t.Context(), []string{url})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			_ = s.Close()
		} else if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}
