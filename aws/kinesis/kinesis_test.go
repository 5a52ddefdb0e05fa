package kinesis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"encoding/json"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/kinesis"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func openFake(t *testing.T, f *fakeaws.Server, url string) sink.Sink {
	t.Helper()
	s, err := sink.Drivers{kinesis.Scheme: kinesis.Open(f.Client())}.Open(t.Context(), []string{url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const stored = `{"Records":[{"SequenceNumber":"1","ShardId":"s"}],"FailedRecordCount":0}`

func TestRequest(t *testing.T) {
	const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/events"
	for url, want := range map[string]string{
		"aws-kinesis://events?region=eu-west-1": `{"StreamName":"events","Records":[{"Data":"e30=","PartitionKey":"device1"}]}`,
		"aws-kinesis:///" + arn:                 `{"StreamARN":"` + arn + `","Records":[{"Data":"e30=","PartitionKey":"device1"}]}`,
	} {
		f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: stored} })
		_, err := openFake(t, f, url).Publish(t.Context(), []sink.Message{{ID: "e1", Key: "device1", Data: []byte("{}")}})
		if c := f.Calls()[0]; err != nil || c.Operation != "Kinesis_20131202.PutRecords" || string(c.Body) != want {
			t.Errorf("sent %s %s, %v", c.Operation, c.Body, err)
		}
	}
}

func TestPartitionKey(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: stored} })
	s := openFake(t, f, "aws-kinesis://events")
	for _, m := range []sink.Message{{ID: "e1"}, {}, {Key: strings.Repeat("ø", 200)}} {
		if _, err := s.Publish(t.Context(), []sink.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"e1", "-", strings.Repeat("ø", 128)} {
		var in struct {
			Records []struct {
				Data         *string
				PartitionKey string
			}
		}
		if err := json.Unmarshal(f.Calls()[i].Body, &in); err != nil {
			t.Fatal(err)
		}
		r := in.Records[0]
		if r.PartitionKey != want || !utf8.ValidString(r.PartitionKey) || r.Data == nil || *r.Data != "" {
			t.Errorf("record %d: %+v, want the key %q", i, r, want)
		}
	}
}

func TestRecordsFail(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		calls int
	}{
		"throttled":      {`{"Records":[{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"m"}]}`, 3},
		"AWS's fault":    {`{"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":"m"}]}`, 3},
		"not told":       {`{"Records":[{}]}`, 3},
		"another number": {`{"Records":[]}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: c.body} })
			_, err := openFake(t, f, "aws-kinesis://events").Publish(t.Context(), []sink.Message{{ID: "e1"}})
			if err == nil || len(f.Calls()) != c.calls {
				t.Errorf("%v after %d calls", err, len(f.Calls()))
			}
		})
	}
}

// Only the records that failed go again, and in their order.
func TestPartialFailure(t *testing.T) {
	var f *fakeaws.Server
	var sent []string
	f = fakeaws.New(t, func(c fakeaws.Call) fakeaws.Answer {
		var in struct {
			Records []struct{ PartitionKey string }
		}
		if err := json.Unmarshal(c.Body, &in); err != nil {
			return fakeaws.Answer{Status: 500}
		}
		var out []string
		for i, r := range in.Records {
			sent = append(sent, r.PartitionKey)
			if len(in.Records) == 3 && i < 2 {
				out = append(out, `{"ErrorCode":"ProvisionedThroughputExceededException"}`)
			} else {
				out = append(out, fmt.Sprintf(`{"SequenceNumber":"%d"}`, i))
			}
		}
		return fakeaws.Answer{Body: `{"Records":[` + strings.Join(out, ",") + `]}`}
	})
	_, err := openFake(t, f, "aws-kinesis://events").Publish(t.Context(), []sink.Message{{Key: "a"}, {Key: "b"}, {Key: "c"}})
	if got := strings.Join(sent, ""); err != nil || got != "abcab" {
		t.Errorf("%v, sent %s", err, got)
	}
}

func TestTooLarge(t *testing.T) {
	f := fakeaws.New(t, func(fakeaws.Call) fakeaws.Answer { return fakeaws.Answer{Body: stored} })
	m := sink.Message{ID: "e", Data: make([]byte, kinesis.MaxData+1)}
	if _, err := openFake(t, f, "aws-kinesis://events").Publish(t.Context(), []sink.Message{m}); !errors.Is(err, sink.ErrTooLarge) || len(f.Calls()) != 0 {
		t.Errorf("%v, %d calls", err, len(f.Calls()))
	}
}

func TestURL(t *testing.T) {
	d := sink.Drivers{kinesis.Scheme: kinesis.Open(awsapi.New(awsapi.Config{Env: settings.Environment{"AWS_REGION": "us-east-1"}}))}
	for url, want := range map[string]string{
		"aws-kinesis://events":                                                         "",
		"aws-kinesis://my_stream.v1":                                                   "",
		"aws-kinesis://events?region=eu-west-1":                                        "",
		"aws-kinesis:///arn:aws:kinesis:eu-west-1:123456789012:stream/events":          "",
		"aws-kinesis:///arn:aws:kinesis:eu-west-1:123456789012:stream/events?region=x": "want aws-kinesis://STREAM",
		"aws-kinesis:///arn:aws:firehose:eu-west-1:123456789012:deliverystream/events": "want aws-kinesis://STREAM",
		"aws-kinesis://":              "want aws-kinesis://STREAM",
		"aws-kinesis://events/x":      "want aws-kinesis://STREAM",
		"aws-kinesis://events?shard=": "takes no query",
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
