package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// childStore makes the test binary another process that publishes to the store at
// this path until it is killed, and prints each event's id once it is stored.
const childStore = "STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	for name, run := range map[string]func(path string) error{childStore: publishForEver, childRecover: recoverForEver} {
		if path := os.Getenv(name); path != "" {
			fmt.Fprintln(os.Stderr, run(path))
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func publishForEver(path string) error {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for publisher := range 8 {
		go func() {
			for i := 0; ; i++ {
				m := message(fmt.Sprintf("%d-%d-%d", os.Getpid(), publisher, i))
				if _, err := s.Publish(context.Background(), []sink.Message{m}); err != nil {
					failed <- err
				}
				fmt.Println(m.ID)
			}
		}()
	}
	return <-failed
}

// startChild starts the process that name stands for.
func startChild(t *testing.T, name, path string) (child *exec.Cmd, ids *bufio.Scanner) {
	t.Helper()
	child = exec.Command(os.Args[0])
	child.Env = append(os.Environ(), name+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	return child, bufio.NewScanner(out)
}

func TestStoreSurvivesKilledProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	acknowledged := make(map[string]bool)
	for range 3 {
		// Two processes store at the same time, and this one reads.
		first, firstIDs := startChild(t, childStore, path)
		second, secondIDs := startChild(t, childStore, path)
		for range 200 {
			for _, ids := range []*bufio.Scanner{firstIDs, secondIDs} {
				if !ids.Scan() {
					t.Fatal("a process ended before it was killed")
				}
				acknowledged[ids.Text()] = true
			}
		}
		must(t, first.Process.Kill())
		must(t, second.Process.Kill())
		for _, ids := range []*bufio.Scanner{firstIDs, secondIDs} {
			for ids.Scan() {
				acknowledged[ids.Text()] = true
			}
		}
		if first.Wait() == nil || second.Wait() == nil {
			t.Fatal("a process ended by itself")
		}

		s := open(t, path)
		stored := make(map[string]bool)
		for r, err := range s.Query(t.Context(), store.Query{}) {
			must(t, err)
			if stored[r.ID] {
				t.Errorf("%s is stored twice", r.ID)
			}
			stored[r.ID] = true
		}
		for id := range acknowledged {
			if !stored[id] {
				t.Errorf("%s was acknowledged, but is not stored", id)
			}
		}
		must(t, s.Close())
	}
}

func TestFollowOtherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path, store.WithPollInterval(time.Millisecond))
	_, ids := startChild(t, childStore, path)
	printed := make(map[string]bool)
	for len(printed) < 100 && ids.Scan() {
		printed[ids.Text()] = true
	}
	var last int64
	for r, err := range s.Follow(t.Context(), store.Query{}) {
		must(t, err)
		if r.Seq <= last {
			t.Fatalf("number %d after %d", r.Seq, last)
		}
		last = r.Seq
		if delete(printed, r.ID); len(printed) == 0 {
			break
		}
	}
	// The other process still goes on: what it stores from here on comes too.
	n := 0
	for range s.Follow(t.Context(), store.Query{AfterSeq: last}) {
		if n++; n == 100 {
			break
		}
	}
}
