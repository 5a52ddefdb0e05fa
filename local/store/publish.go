package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/shared/sink"
)

const insertEvent = `INSERT INTO events
	(id, device, event_type, device_type, project, recovered, dead_letter, received_at, data)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO NOTHING`

// Publish stores msgs that are not stored yet, all in one transaction, and returns
// after its commit. A message without an ID is an error, since it could not be told
// from another.
func (s *Store) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	for i := range msgs {
		if msgs[i].ID == "" {
			return sink.Result{}, fmt.Errorf("store %s: message %d has no ID", s.path, i)
		}
	}
	result, err := s.batcher.Publish(ctx, msgs)
	if err != nil {
		return sink.Result{}, fmt.Errorf("store %s: %w", s.path, err)
	}
	return result, nil
}

func (s *Store) flush(ctx context.Context, msgs []sink.Message) ([]bool, error) {
	if err := s.checkFile(); err != nil {
		return nil, err
	}
	duplicates, err := s.store(ctx, msgs)
	if err != nil {
		return nil, explain(err)
	}
	s.changes.announce()
	return duplicates, nil
}

// store runs the prepared statement for each message. One statement of many rows
// is not faster: the time goes into the rows and the commit.
func (s *Store) store(ctx context.Context, msgs []sink.Message) ([]bool, error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // nothing after a commit
	// A context that can end costs the driver a goroutine a statement. What may
	// have to wait is the beginning of the transaction.
	background := context.WithoutCancel(ctx)
	insert := tx.StmtContext(background, s.insert)
	receivedAt := s.options.now().UnixMilli()
	duplicates := make([]bool, len(msgs))
	for i := range msgs {
		m := &msgs[i]
		data := m.Data
		if data == nil {
			data = []byte{} // nil would be NULL
		}
		done, err := insert.ExecContext(background, m.ID, m.Key, m.Attributes.EventType, m.Attributes.DeviceType,
			m.Attributes.ProjectID, m.Attributes.Recovered, m.Attributes.DeadLetter, receivedAt, data)
		if err != nil {
			return nil, err
		}
		stored, err := done.RowsAffected()
		if err != nil {
			return nil, err
		}
		duplicates[i] = stored == 0
	}
	return duplicates, tx.Commit()
}

// checkFile notices that the file was removed or replaced: what is written to it
// then is lost when it is closed.
func (s *Store) checkFile() error {
	there, err := os.Stat(s.path)
	if err != nil || !os.SameFile(s.file, there) {
		return errors.New("the file was removed or replaced while it was open; put it back, or restart this program to begin a new one")
	}
	return nil
}
