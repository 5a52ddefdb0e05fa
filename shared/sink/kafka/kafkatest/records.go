package kafkatest

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Records returns what is stored in a topic at the time of the call, each partition
// in its order. opts are for brokers that need TLS or a login.
func Records(ctx context.Context, brokers []string, topic string, opts ...kgo.Opt) ([]*kgo.Record, error) {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...)}, opts...)...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	partitions, err := partitionsOf(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	starts, err := offsets(ctx, client, topic, partitions, -2)
	if err != nil {
		return nil, err
	}
	ends, err := offsets(ctx, client, topic, partitions, -1)
	if err != nil {
		return nil, err
	}
	var all []*kgo.Record
	for _, partition := range partitions {
		some, err := read(ctx, client, topic, partition, starts[partition], ends[partition])
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// read returns what one partition has before the offset end.
func read(ctx context.Context, client *kgo.Client, topic string, partition int32, start, end int64) ([]*kgo.Record, error) {
	if start >= end {
		return nil, nil
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(start)}})
	defer client.RemoveConsumePartitions(map[string][]int32{topic: {partition}})
	var all []*kgo.Record
	for {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("reading partition %d of %s: %w", partition, topic, err)
		}
		for _, r := range fetches.Records() {
			if r.Partition == partition && r.Offset < end {
				all = append(all, r)
			}
			if r.Partition == partition && r.Offset >= end-1 {
				return all, nil
			}
		}
	}
}

func partitionsOf(ctx context.Context, client *kgo.Client, topic string) ([]int32, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	var partitions []int32
	for _, t := range response.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return nil, fmt.Errorf("topic %s: %w", topic, err)
		}
		for _, p := range t.Partitions {
			partitions = append(partitions, p.Partition)
		}
	}
	return partitions, nil
}

// offsets returns the partitions' offsets at a time: -2 is the first, -1 is after the
// last.
func offsets(ctx context.Context, client *kgo.Client, topic string, partitions []int32, at int64) (map[int32]int64, error) {
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	wanted := kmsg.NewListOffsetsRequestTopic()
	wanted.Topic = topic
	for _, partition := range partitions {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = partition, at
		wanted.Partitions = append(wanted.Partitions, p)
	}
	request.Topics = append(request.Topics, wanted)
	found := make(map[int32]int64)
	for _, shard := range client.RequestSharded(ctx, request) {
		if shard.Err != nil {
			return nil, shard.Err
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return nil, fmt.Errorf("partition %d of %s: %w", p.Partition, topic, err)
				}
				found[p.Partition] = p.Offset
			}
		}
	}
	return found, nil
}
