package eventbridge_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func openFake(t *testing.T, f *fakeaws.Server, url string) sink.Sink {
	t.Helper()
	s, err := sink.Drivers{eventbridge.Scheme: eventbridge.Open(f.Client())}.Open(t.Context(), []string{url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const taken = `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`

func TestEntry(t *testing.T) {
	type entry struct{ Source, DetailType, Detail, EventBusName string }
	const arn = "arn:aws:events:eu-west-1:123456789012:event-bus/mine"
	for name, c := range map[string]struct {
		url  string
		m    sink.Message
		want entry
	}{
		"object": {
			"aws-eventbridge://mine?source=com.example", sink.Message{ID: "1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{"a":1}`)},
			entry{"com.example", "touch", `{"a":1}`, "mine"},
		},
		"bus of another account": {
			"aws-eventbridge:///" + arn, sink.Message{ID: "1", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{}`)},
			entry{eventbridge.DefaultSource, "touch", `{}`, arn},
		},
		"not an object": {
			"aws-eventbridge://mine", sink.Message{ID: "1", Key: "d", Data: []byte(`[1]`)},
			entry{eventbridge.DefaultSource, "undecodable", `{"id":"1","key":"d","attributes":{},"data_base64":"WzFd"}`, "mine"},
		},
		"a name twice": {
			"aws-eventbridge://mine", sink.Message{Data: []byte(`{"a":1,"a":2}`)},
			entry{eventbridge.DefaultSource, "undecodable", `{"id":"","key":"","attributes":{},"data_base64":"eyJhIjoxLCJhIjoyfQ=="}`, "mine"},
		},
		"dead letter without a mark": {
			"aws-eventbridge://mine", sink.Message{Attributes: sink.Attributes{EventType: "touch", DeadLetter: "too-large-for-sink"}, Data: []byte(`{}`)},
			entry{eventbridge.DefaultSource, "touch", `{"id":"","key":"","attributes":{"deadLetter":"too-large-for-sink","eventType":"touch"},"data_base64":"e30="}`, "mine"},
		},
		"dead letter with a mark": {
			"aws-eventbridge://mine", sink.Message{Attributes: sink.Attributes{DeadLetter: "syntax"}, Data: []byte(`{"specversion":"1.0"}`)},
			entry{eventbridge.DefaultSource, "undecodable", `{"specversion":"1.0"}`, "mine"},
		},
		"long type": {
			"aws-eventbridge://mine", sink.Message{Attributes: sink.Attributes{EventType: strings.Repeat("ø", 100)}, Data: []byte(`{}`)},
			entry{eventbridge.DefaultSource, strings.Repeat("ø", 64), `{}`, "mine"},
		},
		"no data": {
			"aws-eventbridge://mine", sink.Message{},
			entry{eventbridge.DefaultSource, "undecodable", `{"id":"","key":"","attributes":{},"data_base64":""}`, "mine"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: taken} })
			if _, err := openFake(t, f, c.url).Publish(t.Context(), []sink.Message{c.m}); err != nil {
				t.Fatal(err)
			}
			var in struct{ Entries []entry }
			if err := json.Unmarshal(f.Calls()[0].Body, &in); err != nil {
				t.Fatal(err)
			}
			if len(in.Entries) != 1 || in.Entries[0] != c.want {
				t.Errorf("sent %+v, want %+v", in.Entries, c.want)
			}
		})
	}
}

func TestEntriesFail(t *testing.T) {
	for name, c := range map[string]struct {
		answer   fakeaws.Answer
		tooLarge bool
		calls    int
	}{
		"throttled":   {fakeaws.Answer{Body: `{"Entries":[{"ErrorCode":"ThrottlingException"}]}`}, false, 3},
		"AWS's fault": {fakeaws.Answer{Body: `{"Entries":[{"ErrorCode":"InternalFailure"}]}`}, false, 3},
		"malformed":   {fakeaws.Answer{Body: `{"Entries":[{"ErrorCode":"MalformedDetail"}]}`}, false, 1},
		"not told":    {fakeaws.Answer{Body: `{"Entries":[{}]}`}, false, 3},
		"too few":     {fakeaws.Answer{Body: `{"Entries":[]}`}, false, 1},
		"too large": {fakeaws.Answer{Status: 400, Body: `{"__type":"ValidationException","message":"Total size of the entries in the request is over the limit."}`},
			true, 1},
		"invalid": {fakeaws.Answer{Status: 400, Body: `{"__type":"ValidationException","message":"other"}`}, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return c.answer })
			_, err := openFake(t, f, "aws-eventbridge://bus").Publish(t.Context(), []sink.Message{{ID: "1"}})
			if err == nil || errors.Is(err, sink.ErrTooLarge) != c.tooLarge || len(f.Calls()) != c.calls {
				t.Errorf("%v after %d calls", err, len(f.Calls()))
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: taken} })
	m := sink.Message{ID: "e", Data: make([]byte, eventbridge.MaxData+1)}
	if _, err := openFake(t, f, "aws-eventbridge://bus").Publish(t.Context(), []sink.Message{m}); !errors.Is(err, sink.ErrTooLarge) || len(f.Calls()) != 0 {
		t.Errorf("%v, %d calls", err, len(f.Calls()))
	}
}

func TestURL(t *testing.T) {
	d := sink.Drivers{eventbridge.Scheme: eventbridge.Open(awsapi.New(awsapi.Config{Env: settings.Environment{"AWS_REGION": "us-east-1"}}))}
	for url, want := range map[string]string{
		"aws-eventbridge://default":                                                        "",
		"aws-eventbridge://my_bus.v1?region=eu-west-1&source=a.b":                          "",
		"aws-eventbridge:///arn:aws:events:eu-west-1:123456789012:event-bus/mine?source=x": "",
		"aws-eventbridge:///arn:aws:events:eu-west-1:123456789012:rule/mine":               "want aws-eventbridge://BUS",
		"aws-eventbridge://":                         "want aws-eventbridge://BUS",
		"aws-eventbridge://default?source=aws.ec2":   "source that EventBridge refuses",
		"aws-eventbridge://default?detail=x":         "takes no query but",
		"aws-eventbridge://default?region=eu%20west": "not an AWS region",
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
