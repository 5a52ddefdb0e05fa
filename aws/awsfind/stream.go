package awsfind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// stream reads a stream of Kinesis from its end on. Records stay: they cannot be
// removed.
type stream struct {
	service   *awsapi.Service
	name      map[string]any // as parameters have it
	iterators []string
}

func newStream(client *awsapi.Client, u *url.URL) (*stream, error) {
	name, arn, region, ok := nameAndRegion(u, "kinesis")
	if !ok {
		return nil, errors.New("the URL names no stream: want aws-kinesis://STREAM?region=REGION")
	}
	service, err := client.Service("kinesis", region, "")
	if err != nil {
		return nil, err
	}
	key := "StreamName"
	if arn.Service != "" {
		key = "StreamARN"
	}
	return &stream{service: service, name: map[string]any{key: name}}, nil
}

func (s *stream) call(ctx context.Context, operation string, in map[string]any, out any) error {
	return explainSink(s.service.JSON(ctx, streams+operation, streamsJSON, in, out), "kinesis:"+operation)
}

// Prepare notes the end of each shard.
func (s *stream) Prepare(ctx context.Context) error {
	in := s.with(nil)
	for {
		var got struct {
			Shards []struct {
				ShardID             string
				SequenceNumberRange struct{ EndingSequenceNumber string }
			}
			NextToken string
		}
		if err := s.call(ctx, "ListShards", in, &got); err != nil {
			return err
		}
		for _, shard := range got.Shards {
			if shard.SequenceNumberRange.EndingSequenceNumber != "" {
				continue // closed: nothing more comes
			}
			var at struct{ ShardIterator string }
			err := s.call(ctx, "GetShardIterator", s.with(map[string]any{"ShardId": shard.ShardID, "ShardIteratorType": "LATEST"}), &at)
			if err != nil {
				return err
			}
			s.iterators = append(s.iterators, at.ShardIterator)
		}
		if got.NextToken == "" {
			return nil
		}
		in = map[string]any{"NextToken": got.NextToken} // which excludes the name
	}
}

// with returns parameters with the stream's name.
func (s *stream) with(in map[string]any) map[string]any {
	out := make(map[string]any)
	for _, m := range []map[string]any{in, s.name} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

const (
	// few is how many records are read at a time: of usual length they are far below
	// what is read of an answer.
	few = 500
	// pause is the time between two reads. A shard takes five a second, of all its
	// readers together.
	pause = time.Second
)

// Find reads what has come.
func (s *stream) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, pause, func(ctx context.Context) (bool, error) {
		for {
			found, behind, err := s.read(ctx, id)
			if found || err != nil || !behind {
				return found, err
			}
			select { // a busy stream is not caught up with by longer and longer pauses
			case <-time.After(pause):
			case <-ctx.Done():
				return false, ctx.Err()
			}
		}
	})
	if err == find.ErrNotFound && slices.Contains(s.iterators, "") {
		return fmt.Errorf("%w for certain: the stream is being divided anew", find.ErrBlind)
	}
	return err
}

// read reads each shard once, and tells whether there is more.
func (s *stream) read(ctx context.Context, id string) (found, behind bool, err error) {
	for i, at := range s.iterators {
		if at == "" {
			continue // the shard is closed and read to its end
		}
		var got struct {
			Records            []struct{ Data []byte }
			NextShardIterator  string
			MillisBehindLatest int64
		}
		if err := s.call(ctx, "GetRecords", map[string]any{"ShardIterator": at, "Limit": few}, &got); err != nil {
			return false, false, err
		}
		s.iterators[i] = got.NextShardIterator
		behind = behind || got.MillisBehindLatest > 0 && len(got.Records) > 0
		for _, record := range got.Records {
			if bytes.Contains(record.Data, []byte(id)) {
				return true, false, nil
			}
		}
	}
	return false, behind, nil
}

func (s *stream) Close(context.Context) error { return nil }
