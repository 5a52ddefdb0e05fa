// Package sqs publishes to queues of Amazon SQS.
package sqs

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

// Scheme is that of the URLs of queues.
const Scheme = "aws-sqs"

const (
	// MaxData is the longest data, in bytes, that is taken: in base64 and with its
	// attributes it is within SQS's limit. A queue may be set to less (its
	// MaximumMessageSize): what is beyond that is sink.ErrTooLarge too.
	MaxData = 756 << 10
	// maxRequest is what SQS takes in one message, and in one request (SQS Developer
	// Guide, "Amazon SQS message quotas" and "Amazon SQS batch actions").
	maxRequest = 1 << 20
	// maxEntries is how many messages SQS takes in one request.
	maxEntries = 10
)

// Open returns what opens queues:
//
//	aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/queue
//
// The URL is that of the queue with another scheme. ?region= is for hosts that do not
// tell it. A queue whose name ends in .fifo gets each device as a message group, and
// the event's id against duplicates, which SQS remembers for 5 minutes.
//
// Nothing is called before the first message.
func Open(client *awsapi.Client) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		q, err := newQueue(client, u)
		if err != nil {
			return nil, err
		}
		senders := 4
		if q.fifo {
			senders = 1 // or the events of a device could overtake one another
		}
		return batch.New(batch.Config[entry]{
			Prepare: q.prepare, Send: q.send, Temporary: awsapi.Temporary, Divisible: awsapi.Refused,
			Entries: maxEntries, Bytes: maxRequest, Senders: senders,
		}), nil
	}
}

type queue struct {
	service *awsapi.Service
	url     string
	fifo    bool
}

func newQueue(client *awsapi.Client, u *url.URL) (*queue, error) {
	form := errors.New("want aws-sqs://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE, the queue's URL with another scheme")
	parts := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return nil, form
	}
	region := query.Get("region")
	query.Del("region")
	if len(query) > 0 {
		return nil, fmt.Errorf("takes no query but ?region=; %w", form)
	}
	if region == "" {
		region = awsapi.HostRegion("sqs", u.Hostname())
	}
	service, err := client.Service("sqs", region, u.Host)
	if err != nil {
		return nil, err
	}
	plain := url.URL{Scheme: "https", Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return &queue{service: service, url: plain.String(), fifo: strings.HasSuffix(parts[1], ".fifo")}, nil
}
