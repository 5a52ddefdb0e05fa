package sink_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// childFile makes the test binary another process that publishes to the file at
// this path until it is killed, and prints each event's id once it is stored.
const childFile = "SINK_TEST_CHILD_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := publishForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func publishForEver(path string) error {
	u := &url.URL{Scheme: "file", Path: path}
	s, err := sink.Portable{}.Drivers().Open(context.Background(), []string{u.String()})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for publisher := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), publisher, i)
				m := sink.Message{ID: id, Data: fmt.Appendf(nil, `{"id":%q,"pad":"%s"}`, id, strings.Repeat("x", 1000))}
				if _, err := s.Publish(context.Background(), []sink.Message{m}); err != nil {
					failed <- err
				}
				fmt.Println(id)
			}
		}()
	}
	return <-failed
}

func TestFileSurvivesAKilledProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	var acknowledged []string
	for round := range 3 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childFile+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		ids := bufio.NewScanner(out)
		for n := 0; n < 200 && ids.Scan(); n++ {
			acknowledged = append(acknowledged, ids.Text())
		}
		if _, err := openFile(t, path); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("while the other process has the file: got %v", err)
		}
		must(t, child.Process.Kill())
		for ids.Scan() {
			acknowledged = append(acknowledged, ids.Text())
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the process ended before it was killed")
		}

		s := mustOpenFile(t, path)
		publishData(t, s, fmt.Sprintf(`{"round":%d}`, round))
		must(t, s.Close())
		lines, err := readLines(path)
		must(t, err)
		stored := make(map[string]bool)
		for _, m := range lines {
			id, _, _ := strings.Cut(string(m.Data), ",")
			stored[id] = true
		}
		for _, id := range acknowledged {
			if !stored[fmt.Sprintf(`{"id":%q`, id)] {
				t.Errorf("round %d: %s was acknowledged, but is not in the file", round, id)
			}
		}
		if want := 200 * (round + 1); len(acknowledged) < want {
			t.Fatalf("round %d: %d events acknowledged, want %d or more", round, len(acknowledged), want)
		}
	}
}
