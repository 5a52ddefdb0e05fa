// Package kinesis publishes to streams of Amazon Kinesis.
package kinesis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/batch"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// Scheme is that of the URLs of streams.
const Scheme = "aws-kinesis"

const (
	// MaxData is the longest data, in bytes, that is taken: with the longest partition
	// key it is a record of 1 MiB, which every stream takes (Kinesis API Reference,
	// PutRecords).
	MaxData = 1<<20 - maxKey
	// maxKey is the longest partition key. Kinesis counts characters.
	maxKey = 256
	// maxRequest and maxEntries are what PutRecords takes, keys included.
	maxRequest = 5 << 20
	maxEntries = 500
)

// Open returns what opens streams, by name or by ARN after three slashes:
//
//	aws-kinesis://stream?region=eu-west-1
//	aws-kinesis:///arn:aws:kinesis:eu-west-1:123456789012:stream/name
//
// A record is an event's data, byte for byte; Kinesis has no attributes. Its partition
// key is the device's id, or the event's if there is none.
//
// Nothing is called before the first message.
func Open(client *awsapi.Client) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		s, err := newStream(client, u)
		if err != nil {
			return nil, err
		}
		return batch.New(batch.Config[record]{
			Prepare: prepare, Send: s.send, Temporary: awsapi.Temporary, Divisible: awsapi.Refused,
			Entries: maxEntries, Bytes: maxRequest,
		}), nil
	}
}

type stream struct {
	service   *awsapi.Service
	name, arn string // one of them
}

func newStream(client *awsapi.Client, u *url.URL) (*stream, error) {
	form := errors.New("want aws-kinesis://STREAM?region=REGION, or aws-kinesis:///arn:aws:kinesis:REGION:ACCOUNT:stream/NAME")
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return nil, form
	}
	s := &stream{name: u.Host}
	region := query.Get("region")
	query.Del("region")
	if u.Host == "" {
		arn, ok := awsapi.ParseARN(strings.TrimPrefix(u.Path, "/"))
		if !ok || arn.Service != "kinesis" || arn.Region == "" || region != "" || !strings.HasPrefix(arn.Resource, "stream/") {
			return nil, form
		}
		s.arn, region = strings.TrimPrefix(u.Path, "/"), arn.Region
	} else if strings.Trim(u.Path, "/") != "" || strings.Contains(u.Host, ":") {
		return nil, form
	}
	if len(query) > 0 {
		return nil, fmt.Errorf("takes no query but ?region=; %w", form)
	}
	s.service, err = client.Service("kinesis", region, "")
	if err != nil {
		return nil, err
	}
	return s, nil
}
