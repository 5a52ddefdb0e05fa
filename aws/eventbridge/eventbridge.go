// Package eventbridge publishes to event buses of Amazon EventBridge.
package eventbridge

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

// Scheme is that of the URLs of event buses.
const Scheme = "aws-eventbridge"

// DefaultSource is what rules find the events by, unless the URL says otherwise.
const DefaultSource = "com.disruptive-technologies"

const (
	// MaxData is the longest data, in bytes, that is taken: in base64 it is an entry
	// within EventBridge's limit.
	MaxData = 184 << 10
	// maxRequest is what EventBridge takes in one request (EventBridge User Guide,
	// "Calculating PutEvents event entry size").
	maxRequest = 256 << 10
	// maxEntries is how many events EventBridge takes in one request.
	maxEntries = 10
)

// Open returns what opens event buses, by name or by ARN after three slashes:
//
//	aws-eventbridge://default?region=eu-west-1&source=com.example.sensors
//	aws-eventbridge:///arn:aws:events:eu-west-1:123456789012:event-bus/name?source=…
//
// An event's detail-type is DT's event type. Its detail is the published data where
// that is a JSON object, as CloudEvents are; EventBridge keeps its values, not its
// bytes. Any other data is wrapped as in a file sink's lines:
//
//	{"id":"…","key":"…","attributes":{"deadLetter":"…"},"data_base64":"…"}
//
// Nothing is called before the first message.
func Open(client *awsapi.Client) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		b, err := newBus(client, u)
		if err != nil {
			return nil, err
		}
		return batch.New(batch.Config[entry]{
			Prepare: b.prepare, Send: b.send, Temporary: awsapi.Temporary, Divisible: awsapi.Refused,
			Entries: maxEntries, Bytes: maxRequest, Senders: 4,
		}), nil
	}
}

type bus struct {
	service *awsapi.Service
	name    string // or ARN
	source  string
}

func newBus(client *awsapi.Client, u *url.URL) (*bus, error) {
	form := errors.New("want aws-eventbridge://BUS?region=REGION&source=SOURCE, or aws-eventbridge:///arn:aws:events:REGION:ACCOUNT:event-bus/BUS?source=SOURCE")
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return nil, form
	}
	b := &bus{name: u.Host, source: query.Get("source")}
	region := query.Get("region")
	query.Del("region")
	query.Del("source")
	if u.Host == "" {
		arn, ok := awsapi.ParseARN(strings.TrimPrefix(u.Path, "/"))
		if !ok || arn.Service != "events" || arn.Region == "" || region != "" || !strings.HasPrefix(arn.Resource, "event-bus/") {
			return nil, form
		}
		b.name, region = strings.TrimPrefix(u.Path, "/"), arn.Region
	} else if strings.Trim(u.Path, "/") != "" || strings.Contains(u.Host, ":") {
		return nil, form
	}
	switch {
	case len(query) > 0:
		return nil, fmt.Errorf("takes no query but region and source; %w", form)
	case b.source == "":
		b.source = DefaultSource
	case strings.HasPrefix(b.source, "aws."), len(b.source) > 256:
		return nil, errors.New("has a source that EventBridge refuses: at most 256 bytes, and not of AWS itself (aws.…)")
	}
	b.service, err = client.Service("events", region, "")
	if err != nil {
		return nil, err
	}
	return b, nil
}
