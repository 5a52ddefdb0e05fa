package awsfind

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// topic looks behind a topic of SNS by a queue that is subscribed to it.
type topic struct {
	own
	sns          *awsapi.Service
	topic        string // its ARN
	subscription string // its ARN, "" before there is one
}

func newTopic(client *awsapi.Client, u *url.URL) (*topic, error) {
	path := strings.TrimPrefix(u.Path, "/")
	arn, ok := awsapi.ParseARN(path)
	if u.Host != "" {
		account, name, found := strings.Cut(path, "/")
		region := awsapi.HostRegion("sns", u.Hostname())
		ok = found && region != ""
		arn = awsapi.ARN{Partition: awsapi.Partition(region), Service: "sns", Region: region, Account: account, Resource: name}
	}
	if !ok || arn.Service != "sns" {
		return nil, errors.New("the URL names no topic: want aws-sns:///arn:aws:sns:REGION:ACCOUNT:TOPIC")
	}
	service, err := client.Service("sns", arn.Region, u.Host)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("arn:%s:sns:%s:%s:%s", arn.Partition, arn.Region, arn.Account, arn.Resource)
	return &topic{own: own{client: client}, sns: service, topic: text}, nil
}

// Prepare subscribes a queue of its own.
func (t *topic) Prepare(ctx context.Context) error {
	if err := t.make(ctx, t.sns.Region(), "sns.amazonaws.com", t.topic, t.fifo()); err != nil {
		return err
	}
	answer, err := t.sns.Query(ctx, "Subscribe", topics, url.Values{
		"TopicArn": {t.topic}, "Protocol": {"sqs"}, "Endpoint": {t.arn}, "ReturnSubscriptionArn": {"true"},
		"Attributes.entry.1.key": {"RawMessageDelivery"}, "Attributes.entry.1.value": {"true"},
	})
	if err != nil {
		return explainSink(err, "sns:Subscribe")
	}
	var got struct {
		ARN string `xml:"SubscribeResult>SubscriptionArn"`
	}
	if err := xml.Unmarshal(answer, &got); err != nil || got.ARN == "" {
		return errors.New("sns Subscribe: the answer has no subscription")
	}
	t.subscription = got.ARN
	return nil
}

// Late: a subscription may take effect some seconds late. But a FIFO topic drops what is
// sent again.
func (t *topic) Late() bool { return !t.fifo() }

func (t *topic) fifo() bool { return strings.HasSuffix(t.topic, ".fifo") }

// Find looks into the queue.
func (t *topic) Find(ctx context.Context, id string) error {
	err := t.own.Find(ctx, id)
	if err == find.ErrNotFound && t.fifo() {
		return fmt.Errorf("%w for certain: a new subscription may take effect late, and a FIFO topic takes an event only once", find.ErrBlind)
	}
	return err
}

// Close removes the subscription and the queue.
func (t *topic) Close(ctx context.Context) error {
	var err error
	if t.subscription != "" {
		_, err = t.sns.Query(ctx, "Unsubscribe", topics, url.Values{"SubscriptionArn": {t.subscription}})
		err = explain(err, "sns:Unsubscribe")
	}
	return errors.Join(err, t.own.Close(ctx))
}
