package sns_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/sns"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const arn = "arn:aws:sns:eu-west-1:123456789012:topic"

func openFake(t *testing.T, f *fakeaws.Server, url string) sink.Sink {
	t.Helper()
	s, err := sink.Drivers{sns.Scheme: sns.Open(f.Client())}.Open(t.Context(), []string{url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func answer(result string) func(fakeaws.Call) fakeaws.Answer {
	return func(fakeaws.Call) fakeaws.Answer {
		return fakeaws.Answer{Body: `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>` + result + `</PublishBatchResult></PublishBatchResponse>`}
	}
}

const one = `<Successful><member><MessageId>m</MessageId><Id>0</Id></member></Successful><Failed/>`

func touch(id string) sink.Message {
	return sink.Message{ID: id, Key: "device1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{"a":"<ø>&"}`)}
}

func TestRequest(t *testing.T) {
	for url, fifo := range map[string]bool{
		"aws-sns:///" + arn:                                        false,
		"aws-sns:///" + arn + ".fifo":                              true,
		"aws-sns://sns.eu-west-1.amazonaws.com/123456789012/topic": false,
	} {
		f := fakeaws.New(t, answer(one))
		if _, err := openFake(t, f, url).Publish(t.Context(), []sink.Message{touch("e1")}); err != nil {
			t.Fatal(err)
		}
		form := f.Calls()[0].Form
		const entry = "PublishBatchRequestEntries.member.1."
		for name, want := range map[string]string{
			"Action": "PublishBatch", entry + "Id": "0", entry + "Message": `{"a":"<ø>&"}`,
			entry + "MessageAttributes.entry.3.Name": "eventType", entry + "MessageAttributes.entry.3.Value.DataType": "String",
			entry + "MessageAttributes.entry.3.Value.StringValue": "touch",
		} {
			if form.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", url, name, form.Get(name), want)
			}
		}
		if topic := form.Get("TopicArn"); strings.TrimSuffix(topic, ".fifo") != arn {
			t.Errorf("%s: topic %s", url, topic)
		}
		group, deduplication := form.Get(entry+"MessageGroupId"), form.Get(entry+"MessageDeduplicationId")
		if fifo != (group == "device1") || fifo != (deduplication == "e1") {
			t.Errorf("%s: group %q, deduplication %q", url, group, deduplication)
		}
	}
}

func TestEntriesFail(t *testing.T) {
	member := func(code, message string, sender bool) string {
		return fmt.Sprintf(`<Failed><member><Id>0</Id><Code>%s</Code><Message>%s</Message><SenderFault>%v</SenderFault></member></Failed>`, code, message, sender)
	}
	for name, c := range map[string]struct {
		result   string
		tooLarge bool
		calls    int
	}{
		"AWS's fault": {member("InternalError", "m", false), false, 3},
		"sender":      {member("InvalidParameter", "Invalid parameter: Message Reason: x", true), false, 1},
		"too large":   {member("InvalidParameter", "Invalid parameter: Message too long", true), true, 1},
		"not told":    {``, false, 3},
		"other ids":   {`<Successful><member><Id>9</Id></member><member><Id>x</Id></member></Successful>`, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, answer(c.result))
			_, err := openFake(t, f, "aws-sns:///"+arn).Publish(t.Context(), []sink.Message{touch("e1")})
			if err == nil || errors.Is(err, sink.ErrTooLarge) != c.tooLarge || len(f.Calls()) != c.calls {
				t.Errorf("%v after %d calls", err, len(f.Calls()))
			}
		})
	}
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: "{}"} })
	if _, err := openFake(t, f, "aws-sns:///"+arn).Publish(t.Context(), []sink.Message{touch("e1")}); err == nil {
		t.Error("an answer that is no XML is taken for stored")
	}
}

func TestTooLarge(t *testing.T) {
	f := fakeaws.New(t, answer(one))
	s := openFake(t, f, "aws-sns:///"+arn)
	m := touch("e1")
	m.Data = make([]byte, sns.MaxData+1)
	if _, err := s.Publish(t.Context(), []sink.Message{m}); !errors.Is(err, sink.ErrTooLarge) || len(f.Calls()) != 0 {
		t.Errorf("%v, %d calls", err, len(f.Calls()))
	}
}

func TestURL(t *testing.T) {
	d := sink.Drivers{sns.Scheme: sns.Open(awsapi.New(awsapi.Config{Env: settings.Environment{"AWS_REGION": "us-east-1"}}))}
	for url, want := range map[string]string{
		"aws-sns:///" + arn: "",
		"aws-sns:///arn:aws-cn:sns:cn-north-1:123456789012:topic.fifo": "",
		"aws-sns://sns.eu-west-1.amazonaws.com/123456789012/topic":     "",
		"aws-sns://" + arn: "cannot be parsed",
		"aws-sns:///arn:aws:sqs:eu-west-1:123456789012:queue":            "want aws-sns:///arn",
		"aws-sns:///arn:aws:sns::123456789012:topic":                     "want aws-sns:///arn",
		"aws-sns:///arn:aws:sns:eu-west-1:123456789012:topic:subscribed": "want aws-sns:///arn",
		"aws-sns:///topic":                                                "want aws-sns:///arn",
		"aws-sns://example.com/123456789012/topic":                        "want aws-sns:///arn",
		"aws-sns://sns.eu-west-1.amazonaws.com/topic":                     "want aws-sns:///arn",
		"aws-sns://sns.eu-west-1.amazonaws.com/123456789012/topic?fifo=1": "want aws-sns:///arn",
	} {
		s, err := d.Open(t.Context(), []string{url})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			_ = s.Close()
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}
