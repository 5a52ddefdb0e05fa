package sink_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dt-functions/dt-functions/shared/sink"
)

func openStdout(t *testing.T, w io.Writer) sink.Sink {
	t.Helper()
	s, err := sink.Portable{Stdout: w}.Drivers().Open(t.Context(), []string{"stdout:"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLines(t *testing.T) {
	full := sink.Attributes{EventType: "touch", DeviceType: "touch", ProjectID: "p", Recovered: true}
	dead := sink.Attributes{EventType: "touch", DeadLetter: "envelope"}
	tests := []struct {
		name string
		m    sink.Message
		want string
	}{
		{"object", sink.Message{ID: "a", Key: "k", Attributes: full, Data: []byte(`{"event":{"v":1.50}}`)}, `{"event":{"v":1.50}}`},
		{"object with spaces", sink.Message{Data: []byte(`{ "a" : 1 } `)}, `{ "a" : 1 } `},
		{"everything", sink.Message{ID: "a\"\n", Key: "k", Attributes: full, Data: []byte("\x00\xff")},
			`{"id":"a\"\n","key":"k","attributes":{"eventType":"touch","deviceType":"touch","projectId":"p","recovered":"true"},"data_base64":"AP8="}`},
		{"nothing", sink.Message{}, `{"id":"","key":"","attributes":{},"data_base64":""}`},
		{"id that is not UTF-8", sink.Message{ID: "\xff"}, "{\"id\":\"\ufffd\",\"key\":\"\",\"attributes\":{},\"data_base64\":\"\"}"},
		{"not an object", sink.Message{ID: "a", Data: []byte(`[1]`)}, `{"id":"a","key":"","attributes":{},"data_base64":"WzFd"}`},
		{"line break at the end", sink.Message{ID: "a", Data: []byte("{}\n")}, `{"id":"a","key":"","attributes":{},"data_base64":"e30K"}`},
		{"carriage return", sink.Message{ID: "a", Data: []byte("{\r}")}, `{"id":"a","key":"","attributes":{},"data_base64":"ew19"}`},
		{"two objects", sink.Message{ID: "a", Data: []byte("{}{}")}, `{"id":"a","key":"","attributes":{},"data_base64":"e317fQ=="}`},
		{"name twice", sink.Message{ID: "a", Data: []byte(`{"a":1,"a":2}`)}, `{"id":"a","key":"","attributes":{},"data_base64":"eyJhIjoxLCJhIjoyfQ=="}`},
		{"looks wrapped", sink.Message{ID: "a", Data: []byte(`{"id":"b","data_base64":""}`)}, `{"id":"a","key":"","attributes":{},"data_base64":"eyJpZCI6ImIiLCJkYXRhX2Jhc2U2NCI6IiJ9"}`},
		{"begins as if wrapped", sink.Message{ID: "a", Data: []byte(`{"id":"b"}`)}, `{"id":"b"}`},
		{"dead letter without a mark in it", sink.Message{ID: "a", Attributes: dead, Data: []byte(`{}`)}, `{"id":"a","key":"","attributes":{"eventType":"touch","deadLetter":"envelope"},"data_base64":"e30="}`},
		{"dead letter that says so", sink.Message{ID: "a", Attributes: dead, Data: []byte(`{"specversion":"1.0","deadletter":"envelope"}`)}, `{"specversion":"1.0","deadletter":"envelope"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if _, err := openStdout(t, &out).Publish(t.Context(), []sink.Message{test.m}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != test.want+"\n" {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range []string{"", "{}", "{}\n", `{"id":"a","data_base64":"AA=="}`, `{"id":"a","data_base64":7}`, `{"data_base64":"","id":""}`, "\xff", `{"specversion":"1.0"}`, "[\n]"} {
		f.Add("id", "", []byte(seed))
		f.Add("\xff\n", "syntax", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, id, deadLetter string, data []byte) {
		var out bytes.Buffer
		m := sink.Message{ID: id, Key: id, Attributes: sink.Attributes{DeadLetter: deadLetter}, Data: data}
		if _, err := openStdout(t, &out).Publish(t.Context(), []sink.Message{m}); err != nil {
			t.Fatal(err)
		}
		lines, err := parseLines(out.Bytes())
		if err != nil || len(lines) != 1 {
			t.Fatalf("%q is not one line: %d, %v", out.Bytes(), len(lines), err)
		}
		if !bytes.Equal(lines[0].Data, data) {
			t.Errorf("published %q, the line %q gives %q", data, out.Bytes(), lines[0].Data)
		}
	})
}

// A flaky writer takes a number of bytes and then fails, once.
type flaky struct {
	bytes.Buffer
	take int
	err  error
}

func (f *flaky) Write(p []byte) (int, error) {
	if f.take < 0 {
		return f.Buffer.Write(p)
	}
	n, _ := f.Buffer.Write(p[:f.take])
	f.take = -1
	return n, f.err
}

func TestStdoutNeverGluesLines(t *testing.T) {
	whole := `{"a":1}` + "\n" + `{"b":2}` + "\n"
	for name, test := range map[string]struct {
		take int
		err  error
		want string
	}{
		"nothing written":        {0, io.ErrClosedPipe, `{"c":3}` + "\n"},
		"a part of a line":       {10, io.ErrClosedPipe, whole[:10] + "\n" + `{"c":3}` + "\n"},
		"a whole line":           {8, io.ErrClosedPipe, whole[:8] + `{"c":3}` + "\n"},
		"all but the line break": {15, io.ErrClosedPipe, whole + `{"c":3}` + "\n"},
		"a silent short write":   {3, nil, whole[:3] + "\n" + `{"c":3}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &flaky{take: test.take, err: test.err}
			s := openStdout(t, w)
			_, err := s.Publish(t.Context(), []sink.Message{{Data: []byte(`{"a":1}`)}, {Data: []byte(`{"b":2}`)}})
			want := test.err
			if want == nil {
				want = io.ErrShortWrite
			}
			if !errors.Is(err, want) {
				t.Errorf("got error %v, want %v", err, want)
			}
			if _, err := s.Publish(t.Context(), []sink.Message{{Data: []byte(`{"c":3}`)}}); err != nil {
				t.Fatal(err)
			}
			if got := w.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A full pipe holds up nobody beyond the caller's own deadline.
func TestStdoutCallerLeavesAFullPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		s := openStdout(t, w)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := s.Publish(ctx, msgs("a"))
			done <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestStdoutURL(t *testing.T) {
	drivers := sink.Portable{Stdout: io.Discard}.Drivers()
	for _, raw := range []string{"stdout://host", "stdout:x", "stdout:///x", "stdout:?s3cret", "stdout:#s3cret", "stdout://u:s3cret@"} {
		if _, err := drivers.Open(t.Context(), []string{raw}); err == nil || !strings.Contains(err.Error(), "must be stdout:") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", raw, err)
		}
	}
}
