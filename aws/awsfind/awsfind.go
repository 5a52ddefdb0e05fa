// Package awsfind looks for an event in the sinks of AWS: in SQS and Kinesis directly,
// behind SNS and EventBridge by a queue of its own that is removed afterwards.
package awsfind

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/kinesis"
	"github.com/dt-functions/dt-functions/aws/sns"
	"github.com/dt-functions/dt-functions/aws/sqs"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// Drivers returns the finders of AWS's sinks.
func Drivers(client *awsapi.Client) find.Drivers {
	return find.Drivers{
		sqs.Scheme:         func(u *url.URL) (find.Finder, error) { return newQueue(client, u) },
		sns.Scheme:         func(u *url.URL) (find.Finder, error) { return newTopic(client, u) },
		eventbridge.Scheme: func(u *url.URL) (find.Finder, error) { return newBus(client, u) },
		kinesis.Scheme:     func(u *url.URL) (find.Finder, error) { return newStream(client, u) },
	}
}

// The names of the protocols of the services that are called.
const (
	queues      = "AmazonSQS."
	events      = "AWSEvents."
	streams     = "Kinesis_20131202."
	topics      = "2010-03-31"
	queuesJSON  = "1.0"
	eventsJSON  = "1.1"
	streamsJSON = "1.1"
)

// explain returns err with what to do about it.
func explain(err error, actions string) error {
	answer, ok := errors.AsType[*awsapi.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, awsapi.ErrNoCredentials):
		return fmt.Errorf("%w; a profile's: eval \"$(aws configure export-credentials --format env)\"", err)
	case ok && answer.Denied():
		return fmt.Errorf("%w; it takes the permission for %s", err, actions)
	}
	return err
}

// explainSink is explain for what is asked of the sink itself, not of what a finder has
// made.
func explainSink(err error, actions string) error {
	if answer, ok := errors.AsType[*awsapi.Error](err); ok && absent(answer) {
		return fmt.Errorf("%w: %w", find.ErrAbsent, err)
	}
	return explain(err, actions)
}

// absent tells whether a service says for certain that what is asked for is not there.
// To those from another account SQS says that it "does not exist or you do not have
// access to it".
func absent(answer *awsapi.Error) bool {
	switch answer.Code {
	case "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "NotFound", "NotFoundException", "ResourceNotFoundException":
		return !strings.Contains(answer.Message, "have access")
	}
	return false
}

// queue looks into a queue of SQS that others consume.
type queue struct {
	service *awsapi.Service
	url     string
	// looks is how often a message of others may be received by this finder: each time
	// counts towards the queue's redrive policy.
	looks int
	// deliveries is how often a message is received before it is put aside.
	deliveries int
	seen       map[string]int // by message id
}

func newQueue(client *awsapi.Client, u *url.URL) (*queue, error) {
	region := u.Query().Get("region")
	if region == "" {
		region = awsapi.HostRegion("sqs", u.Hostname())
	}
	if u.Host == "" || strings.Count(strings.Trim(u.Path, "/"), "/") != 1 {
		return nil, errors.New("the URL names no queue: want aws-sqs://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE")
	}
	service, err := client.Service("sqs", region, u.Host)
	if err != nil {
		return nil, err
	}
	plain := url.URL{Scheme: "https", Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return &queue{service: service, url: plain.String(), seen: make(map[string]int)}, nil
}

// stream, topic and bus URLs have either a name and a region, or an ARN.
func nameAndRegion(u *url.URL, service string) (name string, arn awsapi.ARN, region string, ok bool) {
	if u.Host != "" {
		return u.Host, awsapi.ARN{}, u.Query().Get("region"), true
	}
	text := strings.TrimPrefix(u.Path, "/")
	arn, ok = awsapi.ParseARN(text)
	return text, arn, arn.Region, ok && arn.Service == service
}

// call calls an operation of SQS.
func (q *queue) call(ctx context.Context, operation string, in map[string]any, out any) error {
	in["QueueUrl"] = q.url
	return q.service.JSON(ctx, queues+operation, queuesJSON, in, out)
}
