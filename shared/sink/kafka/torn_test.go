package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// A scissors cuts a broker's connections.
type scissors struct {
	net.Listener
	// left is how many bytes are read before the next cut; 0 means none is to come.
	left atomic.Int64
	cuts atomic.Int64
}

func (s *scissors) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &cuttable{Conn: conn, scissors: s}, nil
}

type cuttable struct {
	net.Conn
	scissors *scissors
}

func (c *cuttable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	left := c.scissors.left.Load()
	if left == 0 {
		return n, err
	}
	if c.scissors.left.Store(max(left-int64(n), 0)); left <= int64(n) {
		c.scissors.cuts.Add(1)
		return 0, errors.Join(errors.New("cut"), c.Conn.Close())
	}
	return n, err
}

// A connection that is torn in the middle of a message, or before its answer, is made
// anew, and the messages are stored once.
func TestTorn(t *testing.T) {
	for _, after := range []int64{1, 30_000, 300_000} {
		t.Run(fmt.Sprint(after, " bytes"), func(t *testing.T) {
			var s scissors
			c := newFake(t, 1, kfake.ListenFn(func(network, address string) (_ net.Listener, err error) {
				s.Listener, err = net.Listen(network, address)
				return &s, err
			}))
			events := open(t, config(c))
			must(t, publish(t.Context(), events, "before"))
			var msgs []sink.Message
			for i := range 4 {
				m := message(fmt.Sprint("torn-", i))
				m.Data = make([]byte, 100_000)
				msgs = append(msgs, m)
			}
			s.left.Store(after)
			_, err := events.Publish(t.Context(), msgs)
			must(t, err)
			if s.cuts.Load() != 1 {
				t.Errorf("%d cuts", s.cuts.Load())
			}
			if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"before", "torn-0", "torn-1", "torn-2", "torn-3"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}

// A connection that is closed in the place of an answer keeps nothing out for long.
// Where it looks as if a login were missing, Publish says so at once; the next one works.
func TestClosedWithoutAnswer(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.ApiVersions, kmsg.Metadata, kmsg.InitProducerID, kmsg.Produce} {
		t.Run(key.Name(), func(t *testing.T) {
			c := newFake(t, 1)
			s := open(t, config(c))
			c.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
				return nil, errors.New("closed"), true
			})
			eventually(t, func() error { return publish(t.Context(), s, "1", "2") })
			if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"1", "2"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}

// A broker that throttles gets nothing before the time that it has said, and nobody
// waits for that longer than the context says.
func TestThrottled(t *testing.T) {
	const pause = 500 * time.Millisecond
	c := newFake(t, 1)
	s := open(t, config(c))
	var throttled atomic.Int64
	c.ControlKey(kmsg.Produce.Int16(), func(request kmsg.Request) (kmsg.Response, error, bool) {
		throttled.Store(time.Now().UnixNano())
		return throttle(request, pause), nil, true
	})
	ctx, cancel := context.WithTimeout(t.Context(), pause/5)
	defer cancel()
	if err := publish(ctx, s, "late"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	must(t, publish(t.Context(), s, "patient"))
	if took := time.Since(time.Unix(0, throttled.Load())); took < pause {
		t.Errorf("after %v the broker got the next request", took)
	}
	if got := storedIDs(t, c.ListenAddrs()); !slices.Contains(got, "patient") {
		t.Errorf("stored %q", got)
	}
}

// throttle answers that nothing of request is stored yet, and to wait.
func throttle(request kmsg.Request, pause time.Duration) kmsg.Response {
	response := request.ResponseKind().(*kmsg.ProduceResponse)
	response.ThrottleMillis = int32(pause.Milliseconds())
	for _, t := range request.(*kmsg.ProduceRequest).Topics {
		answer := kmsg.NewProduceResponseTopic()
		answer.Topic, answer.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode = p.Partition, kerr.ThrottlingQuotaExceeded.Code
			answer.Partitions = append(answer.Partitions, partition)
		}
		response.Topics = append(response.Topics, answer)
	}
	return response
}
