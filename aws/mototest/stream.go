package mototest

import (
	"context"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
)

// A Stream is one of Kinesis.
type Stream struct {
	Name, ARN string
	// PageSize is how many records are read at a time. It is 2 at first: few enough for
	// records of 1 MiB.
	PageSize int
	service  *awsapi.Service
}

// A Record is one of a stream.
type Record struct {
	Data         []byte
	PartitionKey string
}

// NewStream makes a stream of two shards.
func (s *Server) NewStream(t *testing.T, name string) *Stream {
	t.Helper()
	stream := &Stream{Name: name, PageSize: 2, ARN: "arn:aws:kinesis:" + Region + ":" + Account + ":stream/" + name, service: s.Service(t, "kinesis")}
	err := stream.service.JSON(t.Context(), "Kinesis_20131202.CreateStream", "1.1", map[string]any{"StreamName": name, "ShardCount": 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// Records returns all records of the stream.
func (s *Stream) Records(ctx context.Context) ([]Record, error) {
	var shards struct{ Shards []struct{ ShardID string } }
	if err := s.service.JSON(ctx, "Kinesis_20131202.ListShards", "1.1", map[string]any{"StreamName": s.Name}, &shards); err != nil {
		return nil, err
	}
	var all []Record
	for _, shard := range shards.Shards {
		var iterator struct{ ShardIterator string }
		err := s.service.JSON(ctx, "Kinesis_20131202.GetShardIterator", "1.1",
			map[string]any{"StreamName": s.Name, "ShardId": shard.ShardID, "ShardIteratorType": "TRIM_HORIZON"}, &iterator)
		if err != nil {
			return nil, err
		}
		for at := iterator.ShardIterator; ; {
			var got struct {
				Records           []Record
				NextShardIterator string
			}
			err := s.service.JSON(ctx, "Kinesis_20131202.GetRecords", "1.1", map[string]any{"ShardIterator": at, "Limit": s.PageSize}, &got)
			if err != nil {
				return nil, err
			}
			if len(got.Records) == 0 {
				break
			}
			all = append(all, got.Records...)
			at = got.NextShardIterator
		}
	}
	return all, nil
}
