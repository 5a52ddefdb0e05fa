//go:build platforms

package awsfind_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/awsfind"
	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/kinesis"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/sns"
	"github.com/dt-functions/dt-functions/aws/sqs"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

// backend is the sink of a URL on a server, where the other URL leads to no sink.
func backend(server *mototest.Server, rawURL, absent string) findtest.Backend {
	return findtest.Backend{
		Open:       func() (find.Finder, error) { return awsfind.Drivers(server.Client).Open(rawURL) },
		OpenAbsent: func() (find.Finder, error) { return awsfind.Drivers(server.Client).Open(absent) },
		Publish: func(ctx context.Context, m sink.Message) error {
			s, err := sink.Drivers{
				sqs.Scheme: sqs.Open(server.Client), sns.Scheme: sns.Open(server.Client),
				eventbridge.Scheme: eventbridge.Open(server.Client), kinesis.Scheme: kinesis.Open(server.Client),
			}.Open(ctx, []string{rawURL})
			if err != nil {
				return err
			}
			defer s.Close()
			_, err = s.Publish(ctx, []sink.Message{m})
			return err
		},
		Made: func(ctx context.Context) ([]string, error) { return made(ctx, server.Client) },
	}
}

// left returns the ids of what consumers of a queue get.
func left(q *mototest.Queue) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		all, err := q.Taken(ctx)
		var ids []string
		for _, m := range all {
			text := m.Body
			if _, detail, ok := strings.Cut(text, `"detail":`); ok { // of EventBridge
				text = strings.TrimSuffix(detail, "}")
			}
			id, err := findtest.ID([]byte(text))
			if err != nil {
				return nil, fmt.Errorf("%w in %s", err, m.Body)
			}
			ids = append(ids, id)
		}
		return ids, err
	}
}

// made returns what finders have made on a server: queues, subscriptions, and rules of
// all buses.
func made(ctx context.Context, client *awsapi.Client) ([]string, error) {
	var all []string
	note := func(names ...string) {
		for _, name := range names {
			if strings.Contains(name, find.Prefix) {
				all = append(all, name)
			}
		}
	}
	call := func(service, target, version string, in, out any) error {
		s, err := client.Service(service, mototest.Region, "")
		if err != nil {
			return err
		}
		return s.JSON(ctx, target, version, in, out)
	}
	var queues struct{ QueueURLs []string }
	if err := call("sqs", "AmazonSQS.ListQueues", "1.0", map[string]any{}, &queues); err != nil {
		return nil, err
	}
	note(queues.QueueURLs...)
	var buses struct{ EventBuses []struct{ Name string } }
	if err := call("events", "AWSEvents.ListEventBuses", "1.1", map[string]any{}, &buses); err != nil {
		return nil, err
	}
	for _, b := range buses.EventBuses {
		var rules struct{ Rules []struct{ Name string } }
		if err := call("events", "AWSEvents.ListRules", "1.1", map[string]any{"EventBusName": b.Name}, &rules); err != nil {
			return nil, err
		}
		for _, r := range rules.Rules {
			note(r.Name)
		}
	}
	service, err := client.Service("sns", mototest.Region, "")
	if err != nil {
		return nil, err
	}
	answer, err := service.Query(ctx, "ListSubscriptions", "2010-03-31", url.Values{})
	if err != nil {
		return nil, err
	}
	var subscriptions struct {
		Endpoints []string `xml:"ListSubscriptionsResult>Subscriptions>member>Endpoint"`
	}
	if err := xml.Unmarshal(answer, &subscriptions); err != nil {
		return nil, err
	}
	note(subscriptions.Endpoints...)
	return all, nil
}

func queueURL(name string) string {
	return fmt.Sprintf("aws-sqs://sqs.%s.amazonaws.com/%s/%s", mototest.Region, mototest.Account, name)
}

// denied is the finder of a URL for somebody who may do nothing.
func denied(server *mototest.Server, rawURL string) findtest.Refusal {
	return findtest.Refusal{Open: func(t *testing.T) (find.Finder, error) {
		proxy := server.NewProxy(t)
		proxy.Set(mototest.Deny)
		return awsfind.Drivers(proxy.Client).Open(rawURL)
	}, Says: "it takes the permission for"}
}

func TestQueue(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("queue"+suffix, func(t *testing.T) {
			server := mototest.Start(t)
			var count atomic.Int64
			findtest.Run(t, findtest.Harness{
				New: func(t *testing.T) findtest.Backend {
					q := server.NewQueue(t, fmt.Sprintf("queue-%d%s", count.Add(1), suffix))
					b := backend(server, queueURL(q.Name), queueURL("absent"+suffix))
					b.Left = left(q)
					return b
				},
				Removes: true, TakenAway: true,
				Refusals: map[string]findtest.Refusal{
					"no permission": denied(server, queueURL("queue-1"+suffix)),
				},
			})
		})
	}
}

func TestTopic(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("topic"+suffix, func(t *testing.T) {
			server := mototest.Start(t)
			var count atomic.Int64
			findtest.Run(t, findtest.Harness{
				New: func(t *testing.T) findtest.Backend {
					name := fmt.Sprintf("events-%d%s", count.Add(1), suffix)
					q := server.NewQueue(t, name)
					b := backend(server, "aws-sns:///"+server.NewTopic(t, name, q), "aws-sns:///arn:aws:sns:eu-west-1:123456789012:absent"+suffix)
					b.Left = left(q)
					return b
				},
				KnowsBefore: true, Unsure: suffix != "",
				Refusals: map[string]findtest.Refusal{
					"no permission": denied(server, "aws-sns:///arn:aws:sns:eu-west-1:123456789012:events-1"+suffix),
				},
			})
		})
	}
}

func TestBus(t *testing.T) {
	server := mototest.Start(t)
	var count atomic.Int64
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			name := fmt.Sprintf("bus-%d", count.Add(1))
			q := server.NewQueue(t, name)
			server.NewBus(t, name, "com.example.sensors", q)
			b := backend(server, "aws-eventbridge://"+name+"?region="+mototest.Region+"&source=com.example.sensors", "aws-eventbridge://absent")
			b.Left = left(q)
			return b
		},
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"no permission": denied(server, "aws-eventbridge://bus-1"),
		},
	})
}

func TestStream(t *testing.T) {
	server := mototest.Start(t)
	var count atomic.Int64
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			stream := server.NewStream(t, fmt.Sprintf("stream-%d", count.Add(1)))
			b := backend(server, "aws-kinesis://"+stream.Name+"?region="+mototest.Region, "aws-kinesis:///arn:aws:kinesis:eu-west-1:123456789012:stream/absent")
			b.Left = func(ctx context.Context) ([]string, error) {
				records, err := stream.Records(ctx)
				if err != nil {
					return nil, err
				}
				var ids []string
				for _, r := range records {
					id, err := findtest.ID(r.Data)
					if err != nil {
						return nil, err
					}
					ids = append(ids, id)
				}
				return ids, nil
			}
			return b
		},
		KnowsBefore: true,
		Refusals: map[string]findtest.Refusal{
			"no permission": denied(server, "aws-kinesis://stream-1"),
		},
	})
}

// While a call hangs or breaks off, the finder gives up when it is to, and what it has
// made is removed when calls come through again.
func TestCallsFail(t *testing.T) {
	server := mototest.Start(t)
	q := server.NewQueue(t, "events")
	urls := []string{queueURL(q.Name), "aws-sns:///" + server.NewTopic(t, "events", q), "aws-kinesis://events", "aws-eventbridge://events"}
	server.NewBus(t, "events", eventbridge.DefaultSource, q)
	server.NewStream(t, "events")
	for _, rawURL := range urls {
		for name, fault := range map[string]mototest.Fault{"fails": mototest.Fail, "hangs": mototest.Hang, "torn before": mototest.TearBefore} {
			t.Run(rawURL+" "+name, func(t *testing.T) {
				proxy := server.NewProxy(t)
				f, err := awsfind.Drivers(proxy.Client).Open(rawURL)
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Prepare(t.Context()); err != nil {
					t.Fatal(err)
				}
				proxy.Set(fault)
				if err := f.Find(t.Context(), "own"); err == nil {
					t.Error("an event is found")
				}
				proxy.Set(mototest.None)
				if err := f.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if names, err := made(t.Context(), server.Client); err != nil || len(names) > 0 {
					t.Errorf("left behind: %v, %v", names, err)
				}
			})
		}
	}
}
