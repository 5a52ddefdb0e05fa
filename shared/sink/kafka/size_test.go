package kafka_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/kafka"
)

const smallBatch = 10 << 10

// large returns a message that is too large for a topic of smallBatch.
func large(id string) sink.Message {
	m := message(id)
	m.Data = make([]byte, 2*smallBatch)
	return m
}

// newSmall returns a cluster whose topic takes batches of smallBatch bytes.
func newSmall(t testing.TB) *kfake.Cluster {
	t.Helper()
	c := newFake(t, 1)
	must(t, c.DeleteTopic(topic))
	must(t, c.CreateTopic(topic, 1, map[string]string{"max.message.bytes": fmt.Sprint(smallBatch)}))
	return c
}

// Where a message stands that is too large, and whether the client or the broker finds
// it so, the others are stored and it is the one that the error names.
func TestTooLarge(t *testing.T) {
	for _, who := range []struct {
		name  string
		limit int
	}{{"client", smallBatch}, {"broker", batchBytes}} {
		for _, test := range []struct {
			name string
			ids  string // those of large messages begin with "large"
		}{
			{"alone", "large"},
			{"first", "large 1 2 3"},
			{"in between", "1 2 large 3"},
			{"last", "1 2 3 large"},
			{"twice", "large-1 1 large-2 2 3"},
		} {
			t.Run(who.name+" "+test.name, func(t *testing.T) {
				c := newSmall(t)
				config := config(c)
				config.MaxBatchBytes = who.limit
				s := open(t, config)
				var msgs []sink.Message
				want := []string{}
				for id := range strings.FieldsSeq(test.ids) {
					if strings.HasPrefix(id, "large") {
						msgs = append(msgs, large(id))
						continue
					}
					msgs = append(msgs, message(id))
					want = append(want, id)
				}
				_, err := s.Publish(t.Context(), msgs)
				if !errors.Is(err, sink.ErrTooLarge) {
					t.Fatalf("got %v", err)
				}
				for _, m := range msgs {
					named := strings.Contains(err.Error(), fmt.Sprintf("%q", m.ID))
					if named != strings.HasPrefix(m.ID, "large") {
						t.Errorf("of %s: %v", m.ID, err)
					}
				}
				if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, want) {
					t.Errorf("stored %q, want %q", got, want)
				}
			})
		}
	}
}

// Many small messages that are too large together are no reason to refuse one.
func TestTooLargeTogether(t *testing.T) {
	c := newSmall(t)
	s := open(t, config(c))
	var msgs []sink.Message
	for i := range 200 {
		m := message(fmt.Sprintf("%03d", i))
		m.Data = make([]byte, 500)
		msgs = append(msgs, m)
	}
	if _, err := s.Publish(t.Context(), msgs); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.Compact(storedIDs(t, c.ListenAddrs()))); n != len(msgs) {
		t.Errorf("%d stored", n)
	}
}

// Who publishes a message that is too large does not fail those who publish meanwhile,
// although the client puts what they publish in one batch.
func TestTooLargeFailsItsCallerAlone(t *testing.T) {
	c := newSmall(t)
	s := open(t, config(c))
	errs := make([]error, 64)
	var publishers sync.WaitGroup
	for i := range errs {
		publishers.Go(func() {
			m := message(fmt.Sprint(i))
			if i%16 == 0 {
				m = large("large")
			}
			_, errs[i] = s.Publish(t.Context(), []sink.Message{m})
		})
	}
	publishers.Wait()
	for i, err := range errs {
		if refused := errors.Is(err, sink.ErrTooLarge); refused != (i%16 == 0) || !refused && err != nil {
			t.Errorf("publisher %d: %v", i, err)
		}
	}
	if n := len(slices.Compact(storedIDs(t, c.ListenAddrs()))); n != len(errs)*15/16 {
		t.Errorf("%d stored", n)
	}
}

// An error that may pass goes before ErrTooLarge, which would let the caller give up.
func TestTooLargeAndAnotherError(t *testing.T) {
	c := newSmall(t)
	config := config(c)
	config.MaxBatchBytes = smallBatch
	s := open(t, config)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.TopicAuthorizationFailed})
	_, err := s.Publish(t.Context(), []sink.Message{large("large"), message("1")})
	if errors.Is(err, sink.ErrTooLarge) || !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("got %v", err)
	}
}

// The longest data that the client lets through is what a broker takes, but for a few
// bytes that the client counts too many.
func TestLongestData(t *testing.T) {
	c := newSmall(t)
	config := config(c)
	byBroker := longestData(t, open(t, config))
	config.MaxBatchBytes = smallBatch
	byClient := longestData(t, open(t, config))
	if byClient > byBroker || byClient < byBroker-8 {
		t.Errorf("the client takes %d bytes of data, the broker %d", byClient, byBroker)
	}
	if byDefault := longestData(t, open(t, kafka.Config{Brokers: newFake(t, 1).ListenAddrs(), Topic: topic})); byDefault < 1_048_000 {
		t.Errorf("by default %d bytes of data are taken", byDefault)
	}
}

// longestData returns how many bytes of data s takes beside a key of a usual length,
// and checks that all above is refused for good.
func longestData(t *testing.T, s sink.Sink) int {
	t.Helper()
	least, most := 0, 2*batchBytes // taken, refused
	for least+1 < most {
		size := (least + most) / 2
		m := message("size")
		m.Data = make([]byte, size)
		switch _, err := s.Publish(t.Context(), []sink.Message{m}); {
		case err == nil:
			least = size
		case errors.Is(err, sink.ErrTooLarge):
			most = size
		default:
			t.Fatalf("%d bytes: %v", size, err)
		}
	}
	return least
}
