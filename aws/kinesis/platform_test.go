//go:build platforms

package kinesis_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/kinesis"
	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

// open opens the sink of a stream, as DT_SINK would name it.
func open(ctx context.Context, client *awsapi.Client, s *mototest.Stream) (sink.Sink, error) {
	return sink.Drivers{kinesis.Scheme: kinesis.Open(client)}.Open(ctx, []string{"aws-kinesis:///" + s.ARN})
}

// storedIn returns the records of a stream as messages.
func storedIn(ctx context.Context, s *mototest.Stream) ([]sink.Message, error) {
	records, err := s.Records(ctx)
	msgs := make([]sink.Message, len(records))
	for i, r := range records {
		msgs[i] = sink.Message{Key: r.PartitionKey, Data: r.Data}
		if strings.HasPrefix(r.PartitionKey, "id-") {
			msgs[i].Key = "" // without a device an event goes under its own id
		}
	}
	return msgs, err
}

func TestConformance(t *testing.T) {
	server := mototest.Start(t)
	var count atomic.Int64
	sinktest.Run(t, sinktest.Harness{
		KeepsKey: true, MaxData: kinesis.MaxData,
		New: func(t *testing.T) sinktest.Backend {
			s := server.NewStream(t, fmt.Sprintf("stream-%d", count.Add(1)))
			return sinktest.Backend{
				Open:   func(ctx context.Context) (sink.Sink, error) { return open(ctx, server.Client, s) },
				Stored: func(ctx context.Context) ([]sink.Message, error) { return storedIn(ctx, s) },
			}
		},
	})
}

func sinkTest(t *testing.T, server *mototest.Server, name string) mototest.SinkTest {
	t.Helper()
	s := server.NewStream(t, name)
	s.PageSize = 1000
	return mototest.SinkTest{
		Open:   func(ctx context.Context, client *awsapi.Client) (sink.Sink, error) { return open(ctx, client, s) },
		Stored: func(ctx context.Context) ([]sink.Message, error) { return storedIn(ctx, s) },
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
