package awsfind_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/awsfind"
	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const queueOf = "aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/events"

func open(t *testing.T, client *awsapi.Client, rawURL string) find.Finder {
	t.Helper()
	f, err := awsfind.Drivers(client).Open(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestURLs(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{} })
	tests := map[string]string{ // to a part of the error, "" for none
		queueOf:           "",
		queueOf + ".fifo": "",
		"aws-sqs://localhost:4566/000000000000/events?region=eu-west-1": "",
		"aws-sqs:///123456789012/events":                                "the URL names no queue",
		"aws-sqs://sqs.eu-west-1.amazonaws.com/events":                  "the URL names no queue",
		"aws-sns:///arn:aws:sns:eu-west-1:123456789012:events":          "",
		"aws-sns://sns.eu-west-1.amazonaws.com/123456789012/events":     "",
		"aws-sns:///arn:aws:sqs:eu-west-1:123456789012:events":          "the URL names no topic",
		"aws-sns:///events":         "the URL names no topic",
		"aws-eventbridge://default": "",
		"aws-eventbridge:///arn:aws:events:eu-west-1:123456789012:event-bus/b": "",
		"aws-eventbridge:///arn:aws:events:eu-west-1:123456789012:rule/b":      "the URL names no event bus",
		"aws-kinesis://events?region=eu-west-1":                                "",
		"aws-kinesis:///arn:aws:kinesis:eu-west-1:123456789012:stream/events":  "",
		"aws-kinesis:///arn:aws:sns:eu-west-1:123456789012:events":             "the URL names no stream",
	}
	for rawURL, want := range tests {
		_, err := awsfind.Drivers(f.Client()).Open(rawURL)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", rawURL, err, want)
		}
	}
	if calls := f.Calls(); len(calls) > 0 {
		t.Errorf("called %v before anything was asked for", calls)
	}
}

func FuzzURL(f *testing.F) {
	for _, text := range []string{queueOf, "aws-sns:///arn:aws:sns:eu-west-1:1:t", "aws-kinesis://s", "aws-eventbridge://b?source=%zz", "aws-sqs://u:p@h/1/2"} {
		f.Add(text)
	}
	client := awsapi.New(awsapi.Config{Env: settings.Environment{"AWS_REGION": "eu-west-1"}})
	f.Fuzz(func(t *testing.T, text string) {
		finder, err := awsfind.Drivers(client).Open(text)
		if err == nil && finder == nil {
			t.Error("neither a finder nor an error")
		}
	})
}

// Who is not logged in is told how to do that.
func TestNoCredentials(t *testing.T) {
	client := awsapi.New(awsapi.Config{Env: settings.Environment{"AWS_REGION": "eu-west-1"}})
	for _, rawURL := range []string{queueOf, "aws-sns:///arn:aws:sns:eu-west-1:1:t", "aws-kinesis://s", "aws-eventbridge://b"} {
		f := open(t, client, rawURL)
		err := f.Prepare(t.Context())
		if !errors.Is(err, awsapi.ErrNoCredentials) || !strings.Contains(err.Error(), "aws configure export-credentials") {
			t.Errorf("%s: %v", rawURL, err)
		}
	}
}

// making answers as AWS does to who makes a queue and a rule, but one operation in
// another way.
func making(fails string, otherwise fakeaws.Answer) func(fakeaws.Call) fakeaws.Answer {
	return func(c fakeaws.Call) fakeaws.Answer {
		switch c.Operation {
		case fails:
			return otherwise
		case "AmazonSQS.CreateQueue":
			return fakeaws.Answer{Body: `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/dtfn-doctor-x"}`}
		case "AmazonSQS.GetQueueAttributes":
			return fakeaws.Answer{Body: `{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:1:dtfn-doctor-x"}}`}
		case "AWSEvents.PutRule":
			return fakeaws.Answer{Body: `{"RuleArn":"arn:aws:events:eu-west-1:1:rule/b/x"}`}
		}
		return fakeaws.Answer{Body: `{}`}
	}
}

// That a sink is not there is said of the sink alone, not of a finder's own queue or
// rule, and only where it cannot mean that somebody may not see it.
func TestAbsent(t *testing.T) {
	const topic, bus, stream = "aws-sns:///arn:aws:sns:eu-west-1:1:t", "aws-eventbridge://b?region=eu-west-1", "aws-kinesis://s?region=eu-west-1"
	json := func(code, message string) fakeaws.Answer {
		return fakeaws.Answer{Status: 400, Body: `{"__type":"` + code + `","message":"` + message + `"}`}
	}
	const noQueue = "com.amazonaws.sqs#QueueDoesNotExist"
	tests := map[string]struct {
		url, fails string
		answer     fakeaws.Answer
		absent     bool
	}{
		"queue":                {queueOf, "AmazonSQS.GetQueueAttributes", json(noQueue, "The specified queue does not exist."), true},
		"queue, old code":      {queueOf, "AmazonSQS.GetQueueAttributes", json("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version."), true},
		"queue of others":      {queueOf, "AmazonSQS.GetQueueAttributes", json(noQueue, "The specified queue does not exist or you do not have access to it."), false},
		"queue, no permission": {queueOf, "AmazonSQS.GetQueueAttributes", fakeaws.Denied(), false},
		"topic":                {topic, "Subscribe", fakeaws.Answer{Status: 404, Body: "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>"}, true},
		"topic's own queue":    {topic, "AmazonSQS.GetQueueAttributes", json(noQueue, "The specified queue does not exist."), false},
		"bus":                  {bus, "AWSEvents.PutRule", json("ResourceNotFoundException", "Event bus b does not exist."), true},
		"bus's own rule":       {bus, "AWSEvents.PutTargets", json("ResourceNotFoundException", "Rule x does not exist."), false},
		"bus's own queue":      {bus, "AmazonSQS.GetQueueAttributes", json(noQueue, "The specified queue does not exist."), false},
		"stream":               {stream, "Kinesis_20131202.ListShards", json("ResourceNotFoundException", "Stream s under account 1 not found."), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, making(test.fails, test.answer))
			if err := open(t, f.Client(), test.url).Prepare(t.Context()); err == nil || errors.Is(err, find.ErrAbsent) != test.absent {
				t.Errorf("got %v, want ErrAbsent: %v", err, test.absent)
			}
		})
	}
}

// A queue whose rules cannot be read is not touched.
func TestRedrivePolicy(t *testing.T) {
	tests := map[string]struct {
		policy string
		blind  bool
	}{
		"none":          {"", false},
		"a number":      {`{"maxReceiveCount":5}`, false},
		"a text":        {`{"maxReceiveCount":"5"}`, false},
		"once":          {`{"maxReceiveCount":1}`, true},
		"no number":     {`{"maxReceiveCount":"often"}`, true},
		"without count": {`{}`, true},
		"not JSON":      {`maxReceiveCount`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer {
				body, err := json.Marshal(map[string]any{"Attributes": map[string]string{"RedrivePolicy": test.policy}})
				if err != nil {
					t.Error(err)
				}
				return fakeaws.Answer{Body: string(body)}
			})
			err := open(t, f.Client(), queueOf).Prepare(t.Context())
			if errors.Is(err, find.ErrBlind) != test.blind || (err != nil) != test.blind {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Each message of others is given back in the same moment, and nothing but the event is
// deleted.
func TestQueueGivesBack(t *testing.T) {
	received := 0
	f := fakeaws.New(t, nil)
	f.Set(func(c fakeaws.Call) fakeaws.Answer {
		if c.Operation != "AmazonSQS.ReceiveMessage" {
			return fakeaws.Answer{Body: `{}`}
		}
		if received++; received == 1 {
			return fakeaws.Answer{Body: `{"Messages":[{"MessageId":"1","Body":"{}","ReceiptHandle":"r1"},{"MessageId":"2","Body":"{}","ReceiptHandle":"r2"}]}`}
		}
		return fakeaws.Answer{Body: `{"Messages":[{"MessageId":"1","Body":"{}","ReceiptHandle":"r3"},{"MessageId":"3","Body":"x","ReceiptHandle":"r4","MessageAttributes":{"eventId":{"StringValue":"own"}}}]}`}
	})
	finder := open(t, f.Client(), queueOf)
	if err := finder.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := finder.Find(t.Context(), "own"); err != nil {
		t.Fatal(err)
	}
	var back, deleted []string
	for _, c := range f.Calls() {
		var in struct {
			ReceiptHandle string
			Entries       []struct {
				ReceiptHandle     string
				VisibilityTimeout *int
			}
		}
		if err := json.Unmarshal(c.Body, &in); err != nil {
			t.Fatal(err)
		}
		switch c.Operation {
		case "AmazonSQS.DeleteMessage":
			deleted = append(deleted, in.ReceiptHandle)
		case "AmazonSQS.ChangeMessageVisibilityBatch":
			for _, e := range in.Entries {
				if e.VisibilityTimeout == nil || *e.VisibilityTimeout != 0 {
					t.Errorf("given back with %v", e.VisibilityTimeout)
				}
				back = append(back, e.ReceiptHandle)
			}
		}
	}
	if !slices.Equal(deleted, []string{"r4"}) || !slices.Equal(back, []string{"r1", "r2", "r3"}) {
		t.Errorf("deleted %v, gave back %v", deleted, back)
	}
}

// What AWS refuses to make is not to be removed, and what it may have made is.
func TestHalfMade(t *testing.T) {
	const topic, bus = "aws-sns:///arn:aws:sns:eu-west-1:1:t", "aws-eventbridge://b?region=eu-west-1"
	tests := map[string]struct {
		url, fails string
		answer     fakeaws.Answer
		removes    []string
	}{
		"no queue for a topic": {topic, "AmazonSQS.CreateQueue", fakeaws.Denied(), nil},
		"no subscription":      {topic, "Subscribe", fakeaws.Denied(), []string{"AmazonSQS.DeleteQueue"}},
		"no rule":              {bus, "AWSEvents.PutRule", fakeaws.Denied(), nil},
		"rule, perhaps":        {bus, "AWSEvents.PutRule", fakeaws.Answer{Torn: true}, []string{"AWSEvents.DeleteRule"}},
		"no queue for a bus":   {bus, "AmazonSQS.CreateQueue", fakeaws.Denied(), []string{"AWSEvents.DeleteRule"}},
		"no target":            {bus, "AWSEvents.PutTargets", fakeaws.Denied(), []string{"AWSEvents.DeleteRule", "AmazonSQS.DeleteQueue"}},
		"target not taken": {bus, "AWSEvents.PutTargets", fakeaws.Answer{Body: `{"FailedEntryCount":1}`},
			[]string{"AWSEvents.RemoveTargets", "AWSEvents.DeleteRule", "AmazonSQS.DeleteQueue"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, making(test.fails, test.answer))
			finder := open(t, f.Client(), test.url)
			if err := finder.Prepare(t.Context()); err == nil {
				t.Error("it is prepared")
			}
			before := len(f.Calls())
			if err := finder.Close(t.Context()); err != nil {
				t.Error(err)
			}
			var removes []string
			for _, c := range f.Calls()[before:] {
				removes = append(removes, c.Operation)
			}
			if !slices.Equal(removes, test.removes) {
				t.Errorf("removes %v, want %v", removes, test.removes)
			}
		})
	}
}

// A busy stream is followed without longer and longer pauses, and one that is divided
// anew is not said to lack the event.
func TestStreamIsBusy(t *testing.T) {
	reads := 0
	f := fakeaws.New(t, func(c fakeaws.Call) fakeaws.Answer {
		switch c.Operation {
		case "Kinesis_20131202.ListShards":
			return fakeaws.Answer{Body: `{"Shards":[{"ShardId":"closed","SequenceNumberRange":{"EndingSequenceNumber":"1"}},{"ShardId":"open","SequenceNumberRange":{}}]}`}
		case "Kinesis_20131202.GetShardIterator":
			return fakeaws.Answer{Body: `{"ShardIterator":"at"}`}
		}
		if reads++; reads == 1 {
			return fakeaws.Answer{Body: `{"Records":[{"Data":"e30="}],"NextShardIterator":"next","MillisBehindLatest":1000}`}
		}
		return fakeaws.Answer{Body: `{"Records":[],"NextShardIterator":null,"MillisBehindLatest":0}`}
	})
	finder := open(t, f.Client(), "aws-kinesis://events")
	if err := finder.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	if err := finder.Find(ctx, "own"); !errors.Is(err, find.ErrBlind) || reads != 2 {
		t.Errorf("%v after %d reads", err, reads)
	}
}
