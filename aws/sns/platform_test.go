//go:build platforms

package sns_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/sns"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// open opens the sink of a topic, as DT_SINK would name it.
func open(ctx context.Context, client *awsapi.Client, arn string) (sink.Sink, error) {
	return sink.Drivers{sns.Scheme: sns.Open(client)}.Open(ctx, []string{"aws-sns:///" + arn})
}

func TestConformance(t *testing.T) {
	for _, suffix := range []string{"", ".fifo"} {
		t.Run("topic"+suffix, func(t *testing.T) {
			server := mototest.Start(t)
			var count atomic.Int64
			sinktest.Run(t, sinktest.Harness{
				KeepsID: true, KeepsKey: true, KeepsAttributes: true, MaxData: sns.MaxData,
				New: func(t *testing.T) sinktest.Backend {
					name := fmt.Sprintf("name-%d%s", count.Add(1), suffix)
					q := server.NewQueue(t, name)
					arn := server.NewTopic(t, name, q)
					return sinktest.Backend{
						Open:   func(ctx context.Context) (sink.Sink, error) { return open(ctx, server.Client, arn) },
						Stored: q.Stored,
					}
				},
			})
		})
	}
}

func sinkTest(t *testing.T, server *mototest.Server, name string) mototest.SinkTest {
	t.Helper()
	q := server.NewQueue(t, name)
	arn := server.NewTopic(t, name, q)
	return mototest.SinkTest{
		Open:   func(ctx context.Context, client *awsapi.Client) (sink.Sink, error) { return open(ctx, client, arn) },
		Stored: q.Stored,
	}
}

func TestFaults(t *testing.T) {
	server := mototest.Start(t)
	mototest.RunFaults(t, server, sinkTest(t, server, "events"))
}

func TestRestart(t *testing.T) {
	server := mototest.StartDurable(t)
	mototest.RunRestart(t, server, func(name string) mototest.SinkTest { return sinkTest(t, server, name) })
}
