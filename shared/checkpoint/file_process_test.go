package checkpoint_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// These make the test binary another process that replaces a document in this
// directory with the next one, so often ("0": until it is killed), and prints the
// number of each once it is saved.
const (
	childDir   = "CHECKPOINT_TEST_CHILD_DIR"
	childSaves = "CHECKPOINT_TEST_CHILD_SAVES"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := count(dir, os.Getenv(childSaves)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// content returns document number n, of up to 150 kB, in which every part tells the
// number.
func content(n int) string {
	return strings.Repeat(strconv.Itoa(n)+" ", 1+n*7919%25000)
}

// number returns the number of a document, which must be a whole one; 0 for none.
func number(d checkpoint.Document) (int, error) {
	if d.Revision == "" {
		return 0, nil
	}
	first, _, _ := strings.Cut(string(d.Data), " ")
	n, err := strconv.Atoi(first)
	if err != nil || content(n) != string(d.Data) {
		return 0, fmt.Errorf("a mixture of %d bytes that begins with %.20q", len(d.Data), d.Data)
	}
	return n, nil
}

func count(dir, saves string) error {
	times, err := strconv.Atoi(saves)
	if err != nil {
		return err
	}
	ctx := context.Background()
	s, err := checkpoint.Portable().Open(ctx, fileURL(dir))
	if err != nil {
		return err
	}
	for done := 0; times == 0 || done < times; {
		d, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		n, err := number(d)
		if err != nil {
			return err
		}
		switch _, err := s.Save(ctx, key, []byte(content(n+1)), d.Revision); {
		case err == nil:
			done++
			fmt.Println(n + 1)
		case !errors.Is(err, checkpoint.ErrConflict):
			return err
		}
	}
	return s.Close()
}

func startChild(t *testing.T, dir string, saves int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, childSaves+"="+strconv.Itoa(saves))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	return child, bufio.NewScanner(out)
}

func TestFileStoreSurvivesKilledProcesses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	// More than a process needs for a save, many times.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	last, leftovers := 0, 0
	for round := range 20 {
		child, numbers := startChild(t, dir, 0)
		read := func() bool {
			if !numbers.Scan() {
				return false
			}
			n, err := strconv.Atoi(numbers.Text())
			must(t, err)
			if n != last+1 {
				t.Fatalf("round %d: document %d was saved after %d", round, n, last)
			}
			last = n
			return true
		}
		for range 5 + round {
			if !read() {
				t.Fatal("the process ended before it was killed")
			}
			// Somebody reads all the while.
			d, err := s.Load(ctx, key)
			must(t, err)
			if n, err := number(d); err != nil || n < last {
				t.Fatalf("round %d: document %d is there after %d was acknowledged: %v", round, n, last, err)
			}
		}
		// Every other time, not before it is seen to be in the midst of a save.
		for round%2 == 1 && !slices.Contains(files(t, dir), ".saving") {
			must(t, ctx.Err())
		}
		must(t, child.Process.Kill())
		for read() {
		}
		if child.Wait() == nil {
			t.Fatal("the process ended by itself")
		}

		d, err := s.Load(ctx, key)
		must(t, err)
		n, err := number(d)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		// The one that was being saved may be there.
		if n != last && n != last+1 {
			t.Fatalf("round %d: document %d is there, and %d was the last acknowledged", round, n, last)
		}
		if slices.Contains(files(t, dir), ".saving") {
			leftovers++
		}
		_, err = s.Save(ctx, key, []byte(content(n+1)), d.Revision)
		must(t, err)
		last = n + 1
	}
	if names := files(t, dir); len(names) != 2 {
		t.Errorf("got %q, want the document and the lock", names)
	}
	if leftovers == 0 {
		t.Error("no kill came in the midst of a save")
	}
	t.Logf("%d documents; %d of 20 kills left something behind", last, leftovers)
}

// Several processes add up in one document, and none takes away what another has
// added.
func TestFileStoreOfManyProcesses(t *testing.T) {
	const processes, each = 4, 25
	dir := t.TempDir()
	var children []*exec.Cmd
	var printed []*bufio.Scanner
	for range processes {
		child, numbers := startChild(t, dir, each)
		children, printed = append(children, child), append(printed, numbers)
	}
	var saved []int
	for i, child := range children {
		for printed[i].Scan() {
			n, err := strconv.Atoi(printed[i].Text())
			must(t, err)
			saved = append(saved, n)
		}
		must(t, child.Wait())
	}
	slices.Sort(saved)
	for i, n := range saved {
		if n != i+1 {
			t.Fatalf("document %d was saved twice, or never: %v", i+1, saved)
		}
	}
	d, err := open(t, dir).Load(t.Context(), key)
	must(t, err)
	if n, err := number(d); err != nil || n != processes*each {
		t.Errorf("the last document is %d, %v, want %d", n, err, processes*each)
	}
}
