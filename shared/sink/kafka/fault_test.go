package kafka_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// Errors that pass are not seen by who publishes, and nothing is stored twice: not
// even when the brokers have stored what they say they have not.
func TestPassingErrors(t *testing.T) {
	for _, test := range []struct {
		key kmsg.Key
		err *kerr.Error
	}{
		{kmsg.Produce, kerr.NotLeaderForPartition},
		{kmsg.Produce, kerr.LeaderNotAvailable},
		{kmsg.Produce, kerr.NotEnoughReplicas},
		{kmsg.Produce, kerr.NotEnoughReplicasAfterAppend},
		{kmsg.Produce, kerr.RequestTimedOut},
		{kmsg.Produce, kerr.KafkaStorageError},
		{kmsg.Produce, kerr.OutOfOrderSequenceNumber},
		{kmsg.Produce, kerr.UnknownProducerID},
		{kmsg.Produce, kerr.UnknownTopicOrPartition},
		{kmsg.Produce, kerr.ThrottlingQuotaExceeded},
		{kmsg.InitProducerID, kerr.CoordinatorLoadInProgress},
		{kmsg.Metadata, kerr.LeaderNotAvailable},
		{kmsg.Metadata, kerr.UnknownTopicOrPartition},
	} {
		t.Run(test.key.Name()+" "+test.err.Message, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, 1)
			s := open(t, config(c))
			fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{test.key}, Err: test.err})
			must(t, publish(t.Context(), s, "1", "2", "3"))
			must(t, publish(t.Context(), s, "4"))
			if fault.Hits() == 0 {
				t.Error("there was no fault")
			}
			if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"1", "2", "3", "4"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}

// Errors that do not pass are told at once and as they are, and the sink works as soon
// as their cause is gone.
func TestLastingErrors(t *testing.T) {
	for _, test := range []struct {
		key kmsg.Key
		err *kerr.Error
	}{
		{kmsg.Produce, kerr.TopicAuthorizationFailed},
		{kmsg.Produce, kerr.InvalidRecord},
		{kmsg.Produce, kerr.PolicyViolation},
		{kmsg.InitProducerID, kerr.ClusterAuthorizationFailed},
		{kmsg.InitProducerID, kerr.UnknownServerError},
		{kmsg.Metadata, kerr.TopicAuthorizationFailed},
		{kmsg.Metadata, kerr.UnknownTopicOrPartition},
	} {
		t.Run(test.key.Name()+" "+test.err.Message, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, 1)
			s := open(t, config(c))
			fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{test.key}, Err: test.err, Count: -1})
			begin := time.Now()
			err := publish(t.Context(), s, "1", "2")
			if !errors.Is(err, test.err) || errors.Is(err, sink.ErrTooLarge) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("after %v: a webhook has no such time", took)
			}
			fault.Remove()
			must(t, publish(t.Context(), s, "3"))
			if got := storedIDs(t, c.ListenAddrs()); !slices.Equal(got, []string{"3"}) {
				t.Errorf("stored %q", got)
			}
		})
	}
}
