// Package sns publishes to topics of Amazon SNS.
package sns

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

// Scheme is that of the URLs of topics.
const Scheme = "aws-sns"

const (
	// MaxData is the longest data, in bytes, that is taken: in base64 and with its
	// attributes it is within SNS's limit.
	MaxData = 184 << 10
	// maxRequest is what SNS takes in one message, and in one request (SNS API
	// Reference, PublishBatch).
	maxRequest = 256 << 10
	// maxEntries is how many messages SNS takes in one request.
	maxEntries = 10
)

// Open returns what opens topics, by their ARN after three slashes (after two, the
// colons would not be a URL's) or by their region's host:
//
//	aws-sns:///arn:aws:sns:eu-west-1:123456789012:topic
//	aws-sns://sns.eu-west-1.amazonaws.com/123456789012/topic
//
// A topic whose name ends in .fifo gets each device as a message group, and the
// event's id against duplicates, which SNS remembers for 5 minutes.
//
// Nothing is called before the first message.
func Open(client *awsapi.Client) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		t, err := newTopic(client, u)
		if err != nil {
			return nil, err
		}
		senders := 4
		if t.fifo {
			senders = 1 // or the events of a device could overtake one another
		}
		return batch.New(batch.Config[entry]{
			Prepare: t.prepare, Send: t.send, Temporary: awsapi.Temporary, Divisible: awsapi.Refused,
			Entries: maxEntries, Bytes: maxRequest, Senders: senders,
		}), nil
	}
}

type topic struct {
	service *awsapi.Service
	arn     string
	fifo    bool
}

func newTopic(client *awsapi.Client, u *url.URL) (*topic, error) {
	form := errors.New("want aws-sns:///arn:aws:sns:REGION:ACCOUNT:TOPIC (three slashes), or aws-sns://sns.REGION.amazonaws.com/ACCOUNT/TOPIC")
	path := strings.TrimPrefix(u.Path, "/")
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return nil, form
	}
	arn, ok := awsapi.ParseARN(path)
	if u.Host != "" {
		account, name, found := strings.Cut(path, "/")
		region := awsapi.HostRegion("sns", u.Hostname())
		ok = found && region != "" && account != ""
		arn = awsapi.ARN{Partition: awsapi.Partition(region), Service: "sns", Region: region, Account: account, Resource: name}
	}
	if !ok || arn.Service != "sns" || arn.Region == "" || arn.Account == "" || arn.Resource == "" || strings.ContainsAny(arn.Resource, ":/") {
		return nil, form
	}
	service, err := client.Service("sns", arn.Region, u.Host)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("arn:%s:sns:%s:%s:%s", arn.Partition, arn.Region, arn.Account, arn.Resource)
	return &topic{service: service, arn: text, fifo: strings.HasSuffix(arn.Resource, ".fifo")}, nil
}
