package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// childRecover makes the test binary another process that stores an event at this
// path, notes in a checkpoint that it has, and goes on with the next, until it is
// killed. It prints the number of each once its checkpoint is saved.
const childRecover = "STORE_TEST_CHILD_RECOVER"

const progress = "projects/p/dataconnectors/c"

func recoverForEver(path string) error {
	ctx := context.Background()
	events, err := store.OpenSink(ctx, fileURL(path))
	if err != nil {
		return err
	}
	checkpoints, err := store.OpenCheckpoint(ctx, fileURL(path))
	if err != nil {
		return err
	}
	d, err := checkpoints.Load(ctx, progress)
	if err != nil {
		return err
	}
	n := 0
	if d.Revision != "" {
		if n, err = strconv.Atoi(string(d.Data)); err != nil {
			return err
		}
	}
	for revision := d.Revision; ; {
		n++
		if _, err := events.Publish(ctx, []sink.Message{message(fmt.Sprintf("recovered-%d", n))}); err != nil {
			return err
		}
		if revision, err = checkpoints.Save(ctx, progress, strconv.AppendInt(nil, int64(n), 10), revision); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// One process recovers into the file that this one receives into, and is killed: the
// checkpoint is never behind what was acknowledged, nor ahead of the events.
func TestCheckpointsOfKilledProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	events, checkpoints := open(t, path), openCheckpoint(t, path)
	last, received := 0, 0
	for round := range 10 {
		child, numbers := startChild(t, childRecover, path)
		read := func() bool {
			if !numbers.Scan() {
				return false
			}
			n, err := strconv.Atoi(numbers.Text())
			must(t, err)
			if n <= last {
				t.Fatalf("round %d: %d after %d", round, n, last)
			}
			last = n
			return true
		}
		for range 5 + 3*round {
			if !read() {
				t.Fatal("the process ended before it was killed")
			}
			received++
			publish(t, events, fmt.Sprintf("received-%d", received))
		}
		must(t, child.Process.Kill())
		for read() {
		}
		if child.Wait() == nil {
			t.Fatal("the process ended by itself")
		}

		d, err := checkpoints.Load(t.Context(), progress)
		must(t, err)
		n, err := strconv.Atoi(string(d.Data))
		if err != nil || n < last || n > last+1 {
			t.Fatalf("round %d: the checkpoint is %q, %v, and %d was the last acknowledged", round, d.Data, err, last)
		}
		stored := make(map[string]bool)
		for r, err := range events.Query(t.Context(), store.Query{}) {
			must(t, err)
			stored[r.ID] = true
		}
		for name, most := range map[string]int{"recovered": n, "received": received} {
			for i := range most {
				if id := fmt.Sprintf("%s-%d", name, i+1); !stored[id] {
					t.Fatalf("round %d: %s is not stored", round, id)
				}
			}
		}
	}
}
