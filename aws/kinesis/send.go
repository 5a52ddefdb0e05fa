package kinesis

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A record is Kinesis's PutRecordsRequestEntry; its data goes out in base64.
type record struct {
	Data         []byte
	PartitionKey string
}

type request struct {
	StreamName string `json:",omitempty"`
	StreamARN  string `json:",omitempty"`
	Records    []record
}

type answer struct {
	Records []struct{ ErrorCode, ErrorMessage, SequenceNumber string }
}

func prepare(m *sink.Message) (record, int, error) {
	if len(m.Data) > MaxData {
		return record{}, 0, fmt.Errorf("%w: %d bytes of data, Kinesis takes %d", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	// Kinesis wants data, but takes none; null it does not.
	r := record{Data: append([]byte{}, m.Data...), PartitionKey: partitionKey(m)}
	return r, len(r.Data) + len(r.PartitionKey), nil
}

// partitionKey decides which shard an event goes to, and so in which order it is with
// others.
func partitionKey(m *sink.Message) string {
	key := m.Key
	if key == "" {
		key = m.ID
	}
	if key == "" {
		key = "-"
	}
	for len(key) > maxKey {
		_, n := utf8.DecodeLastRuneInString(key)
		key = key[:len(key)-n]
	}
	return key
}

// send calls PutRecords (Kinesis API Reference).
func (s *stream) send(ctx context.Context, records []record) ([]error, error) {
	var a answer
	err := s.service.JSON(ctx, "Kinesis_20131202.PutRecords", "1.1", request{StreamName: s.name, StreamARN: s.arn, Records: records}, &a)
	if err != nil {
		return nil, err
	}
	if len(a.Records) != len(records) {
		return nil, fmt.Errorf("kinesis PutRecords: the answer tells of %d records, but %d were sent", len(a.Records), len(records))
	}
	errs := make([]error, len(records))
	for i, r := range a.Records {
		switch {
		case r.ErrorCode != "":
			// The documented ones are throttling and internal failures.
			errs[i] = awsapi.EntryError("kinesis", "PutRecords", r.ErrorCode, r.ErrorMessage, false)
		case r.SequenceNumber == "":
			errs[i] = errors.New("kinesis PutRecords: the answer does not tell what became of the record")
		}
	}
	return errs, nil
}
