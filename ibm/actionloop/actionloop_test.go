package actionloop_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/ibm/actionloop"
)

func run(t *testing.T, in string, handle actionloop.Handler, ack bool) (lines []string, logged []error) {
	t.Helper()
	var out strings.Builder
	loop := actionloop.Loop{In: strings.NewReader(in), Out: &out, Acknowledge: ack, Handle: handle, Log: func(err error) { logged = append(logged, err) }}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), logged
}

func TestLoop(t *testing.T) {
	long := `{"value":{"x":"` + strings.Repeat("a", 3<<20) + `"}}`
	in := strings.Join([]string{
		`{"value":{"x":"1"},"activation_id":"a","deadline":"1700000000000"}`,
		`no JSON`,
		`{"value":{"x":"panic"}}`,
		long,
		`{"value":{"x":"` + strings.Repeat("a", 9<<20) + `"}}`,
		`{"value":null}`,
		`{"value":{"x":"last"}}`, // and no line break
	}, "\n")
	var lengths []int
	lines, logged := run(t, in, func(ctx context.Context, a actionloop.Activation) any {
		var x string
		_ = json.Unmarshal(a.Value["x"], &x)
		if x == "panic" {
			panic("marker")
		}
		lengths = append(lengths, len(x))
		if x == "1" {
			deadline, ok := ctx.Deadline()
			if a.ID != "a" || !ok || !deadline.Before(time.UnixMilli(1700000000000)) {
				t.Errorf("activation %+v, deadline %v", a, deadline)
			}
		}
		return map[string]int{"length": len(x)}
	}, true)
	want := []string{
		`{"ok":true}`, `{"length":1}`, `{"error":"not an activation: it is not JSON as the proxy writes it"}`,
		`{"error":"a defect; see the log"}`, `{"length":3145728}`, `{"error":"not an activation: longer than 8388608 bytes"}`,
		`{"length":0}`, `{"length":4}`,
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("answered\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if len(logged) != 3 || !errors.Is(logged[0], actionloop.ErrLine) || !strings.Contains(logged[1].Error(), "marker") {
		t.Errorf("logged %v", logged)
	}
}

// Unasked, the acknowledgement would be taken for the first answer.
func TestLoopWithoutAcknowledgement(t *testing.T) {
	lines, _ := run(t, `{"value":{}}`, func(context.Context, actionloop.Activation) any { return map[string]int{"a": 1} }, false)
	if len(lines) != 1 || lines[0] != `{"a":1}` {
		t.Errorf("%q", lines)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestLoopEndsWithItsProxy(t *testing.T) {
	loop := actionloop.Loop{In: strings.NewReader("{}\n"), Out: brokenPipe{}, Handle: func(context.Context, actionloop.Activation) any { return nil }, Log: func(error) {}}
	if err := loop.Run(t.Context()); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"value":{"a":1},"activation_id":"x","deadline":"1700000000000"}`))
	f.Add([]byte(`{"value":[],"deadline":1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := actionloop.Parse(line)
		if (err != nil) != errors.Is(err, actionloop.ErrLine) {
			t.Error(err)
		}
		if err != nil && (a.Value != nil || a.ID != "") {
			t.Errorf("%+v beside %v", a, err)
		}
	})
}
