package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/command"
)

// A watched writer calls seen with each line.
type watched struct {
	mu   sync.Mutex
	all  bytes.Buffer
	part []byte
	seen func(line string)
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.Write(p)
	w.part = append(w.part, p...)
	for {
		line, rest, ok := bytes.Cut(w.part, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		w.part = rest
		w.seen(string(line))
	}
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// runUntil runs dtfn until a line of its output or its log satisfies enough, and
// then interrupts it.
func runUntil(t *testing.T, env []string, enough func(line string) bool, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	seen := func(line string) {
		if enough(line) {
			stop()
		}
	}
	out, log := &watched{seen: seen}, &watched{seen: seen}
	code = command.Run(ctx, command.Process{Args: args, Environ: env, Stdin: strings.NewReader(""), Stdout: out, Stderr: log})
	if ctx.Err() == context.DeadlineExceeded {
		t.Fatalf("nothing came within a minute: %s\n%s", out, log)
	}
	return code, out.String(), log.String()
}

// count returns a function that is true from the nth line on that has text in it.
func count(n int, text string) func(string) bool {
	var mu sync.Mutex
	return func(line string) bool {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(line, text) {
			n--
		}
		return n <= 0
	}
}

func events(t *testing.T, path string, args ...string) []map[string]any {
	t.Helper()
	got := dtfn(t, append([]string{"events", "--json", "--store", path}, args...)...)
	if got.code != 0 {
		t.Fatalf("events: code %d, %q", got.code, got.stderr)
	}
	var list []map[string]any
	for decoder := json.NewDecoder(strings.NewReader(got.stdout)); ; {
		var e map[string]any
		if err := decoder.Decode(&e); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
}

// What a newcomer does: run, watch, stop, run again. Nothing accepted is lost and
// nothing is there twice.
func TestRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	accepted := make(map[string]bool)
	for range 2 {
		code, out, log := runUntil(t, nil, count(20, `"outcome":"accepted"`), "run", "--json", "--listen", "127.0.0.1:0", "--store", path, "--speed", "600", "--duplicates", "0.3")
		if code != 0 || log != "" {
			t.Fatalf("code %d, %s", code, log)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		for _, line := range lines[:len(lines)-1] {
			var e struct{ Outcome, EventID, Name string }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			switch e.Outcome {
			case "accepted":
				if accepted[e.EventID] || e.Name == "" {
					t.Errorf("accepted: %s", line)
				}
				accepted[e.EventID] = true
			case "duplicate":
			default:
				t.Errorf("not accepted: %s", line)
			}
		}
		var end struct {
			Summary struct {
				Accepted int
				Cloud    struct{ Sent, Delivered, Pending int }
			}
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
			t.Fatal(err)
		}
		if s := end.Summary; s.Accepted < 20 || s.Cloud.Pending != 0 || s.Cloud.Delivered != s.Cloud.Sent {
			t.Errorf("summary %+v", s)
		}
	}
	stored := events(t, path)
	if len(stored) != len(accepted) {
		t.Errorf("%d accepted, %d stored", len(accepted), len(stored))
	}
	for _, e := range stored {
		if !accepted[e["id"].(string)] {
			t.Errorf("%v is in the store, but was not accepted", e["id"])
		}
	}
	if all, few := events(t, path), events(t, path, "--limit", "3"); len(few) != 3 || few[2]["id"] != all[len(all)-1]["id"] {
		t.Errorf("the newest three: %v", few)
	}
}

func TestRunForPeople(t *testing.T) {
	env := []string{"DT_EVENT_TYPES=temperature", "DT_LABELS=name"}
	path := filepath.Join(t.TempDir(), "events.db")
	code, out, log := runUntil(t, env, count(3, "accepted "), "run", "--listen", "127.0.0.1:0", "--store", path, "--speed", "600", "--corrupt-signatures", "0.1")
	if code != 0 {
		t.Fatalf("code %d, %s", code, log)
	}
	for _, want := range []string{"simulated DT Cloud", path, "°C", "accepted", "filtered", "(event-type)", " sent, 0 pending"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	for _, e := range events(t, path) {
		labels := e["data"].(map[string]any)["data"].(map[string]any)["labels"].(map[string]any)
		if _, ok := labels["name"]; e["eventType"] != "temperature" || len(labels) != 1 || !ok {
			t.Errorf("stored %v", e)
		}
	}
}

// The receiver alone: settings from the environment, a log of JSON, a stop that
// finishes.
func TestReceive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	env := []string{"PORT=0", "DT_SIGNATURE_SECRET=a-secret-of-good-length", "DT_SINK=sqlite://" + path}
	sent := make(chan result, 2)
	_, out, log := runUntil(t, env, func(line string) bool {
		var l struct{ Msg, Address, Outcome string }
		if json.Unmarshal([]byte(line), &l) == nil && l.Msg == "listening" {
			_, port, _ := strings.Cut(l.Address[strings.LastIndex(l.Address, "]")+1:], ":")
			go func() {
				c := call{args: []string{"send", "--type", "touch", "--event-id", "an-event", "http://127.0.0.1:" + port + "/"}, env: env}
				sent <- c.run(context.Background())
				c.args[len(c.args)-1] += "elsewhere"
				sent <- c.run(context.Background())
			}()
		}
		return l.Outcome == "bad-path"
	}, "receive")
	if got := <-sent; got.code != 0 {
		t.Fatalf("code %d, %s%s\n%s", got.code, got.stdout, got.stderr, log)
	}
	if got := <-sent; got.code != 1 || !strings.Contains(got.stdout, "404") {
		t.Errorf("another path: %d %s", got.code, got.stdout)
	}
	if out != "" || !strings.Contains(log, `"outcome":"accepted"`) || !strings.Contains(log, `"eventId":"an-event"`) {
		t.Errorf("stdout %q, log %s", out, log)
	}
	if strings.Contains(log, "a-secret-of-good-length") || strings.Contains(log, "updateTime") {
		t.Errorf("the log holds a secret or a body:\n%s", log)
	}
	if stored := events(t, path); len(stored) != 1 || stored[0]["id"] != "an-event" {
		t.Errorf("stored %v", stored)
	}
}
