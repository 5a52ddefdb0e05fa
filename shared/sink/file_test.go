package sink_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/sink"
)

func openFile(t *testing.T, path string) (sink.Sink, error) {
	t.Helper()
	s, err := sink.Portable{}.Drivers().Open(t.Context(), []string{fileURL(path)})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func mustOpenFile(t *testing.T, path string) sink.Sink {
	t.Helper()
	s, err := openFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publishData(t *testing.T, s sink.Sink, data ...string) {
	t.Helper()
	var list []sink.Message
	for _, d := range data {
		list = append(list, sink.Message{ID: d, Data: []byte(d)})
	}
	if _, err := s.Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func expectFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %.200q, want %.200q", filepath.Base(path), got, want)
	}
}

func TestFileAfterCrash(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 200<<10) + `"}` + "\n"
	tests := []struct{ name, before, after string }{
		{"empty", "", ""},
		{"whole", "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n"},
		{"one whole line", "{}\n", "{}\n"},
		{"torn", "{\"a\":1}\n{\"b\":", "{\"a\":1}\n"},
		{"torn after the first byte", "{\"a\":1}\n{", "{\"a\":1}\n"},
		{"torn before its line break", "{\"a\":1}\n{\"b\":2}", "{\"a\":1}\n{\"b\":2}\n"},
		{"torn in the first line", `{"a":`, ""},
		{"first line without its line break", `{"a":1}`, "{\"a\":1}\n"},
		{"torn in a string with a brace", `{"a":"}`, ""},
		{"torn in base64", "{}\n" + `{"id":"a","key":"","attributes":{},"data_base64":"AAAA`, "{}\n"},
		{"long torn line", long + long[:150<<10], long},
		{"long whole line", long, long},
		{"long line without its line break", long + long[:len(long)-1], long + long},
		{"zero bytes from a power cut", "{}\n\x00\x00\x00\x00", "{}\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.ndjson")
			write(t, path, test.before)
			publishData(t, mustOpenFile(t, path), `{"new":1}`, `{"new":2}`)
			expectFile(t, path, test.after+"{\"new\":1}\n{\"new\":2}\n")
		})
	}
}

func TestFileRefusesWhatItDidNotWrite(t *testing.T) {
	for name, content := range map[string]string{
		"a database":              "SQLite format 3\x00 and so on",
		"text":                    "hello\n",
		"a line break":            "\n",
		"a JSON array":            "[{}]",
		"a JSON document":         "{\n  \"a\": 1\n}",
		"a JSON document, ending": "{\n  \"a\": 1\n}\n",
		"zero bytes":              "\x00\x00",
		"text at the end":         "{}\n{}\nhello",
		"an empty last line":      "{}\n\n",
		"a long binary":           "{" + strings.Repeat("\xff", 200<<10) + "\n\xff",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "precious")
			write(t, path, content)
			_, err := openFile(t, path)
			if err == nil || !strings.Contains(err.Error(), "not a sink's file") || strings.Count(err.Error(), path) != 2 {
				t.Errorf("got %v, want an error that names the path", err)
			}
			expectFile(t, path, content)
		})
	}
}

func TestFileRefusesPaths(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	for path, want := range map[string]string{
		dir:                                "is a directory; name a file in it, such as " + filepath.Join(dir, "events.ndjson"),
		filepath.Join(dir, "missing", "x"): "its directory must exist; make it with mkdir -p " + filepath.Join(dir, "missing"),
		filepath.Join(dir, "file", "x"):    "not a directory",
		filepath.Join(dir, strings.Repeat("x", 300)): "name too long",
	} {
		if _, err := openFile(t, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "missing")); err == nil {
		t.Error("the directory was made")
	}
}

func TestFileMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	mustOpenFile(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

func TestFileIsForOneSinkAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	first := mustOpenFile(t, path)
	if _, err := openFile(t, path); err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Fatalf("got %v, want an error that says that it is in use", err)
	}
	publishData(t, first, `{"a":1}`)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	publishData(t, mustOpenFile(t, path), `{"b":2}`)
	expectFile(t, path, "{\"a\":1}\n{\"b\":2}\n")
}

// What log rotation and people do to a file while it is written.
func TestFileChangedWhileOpen(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, path string)
		after  string // what the file holds then, besides the new line
	}{
		{"removed", func(t *testing.T, path string) { must(t, os.Remove(path)) }, ""},
		{"renamed", func(t *testing.T, path string) { must(t, os.Rename(path, path+".1")) }, ""},
		{"replaced", func(t *testing.T, path string) {
			must(t, os.Remove(path))
			write(t, path, "{\"b\":2}\n{\"torn")
		}, "{\"b\":2}\n"},
		{"cut to nothing", func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }, ""},
		{"cut in a line", func(t *testing.T, path string) { must(t, os.Truncate(path, 10)) }, "{\"a\":1}\n"},
		{"appended to", func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteString("{\"by hand\":1}")
			must(t, err)
			must(t, f.Close())
		}, "{\"a\":1}\n{\"a\":2}\n{\"by hand\":1}\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.ndjson")
			s := mustOpenFile(t, path)
			publishData(t, s, `{"a":1}`, `{"a":2}`)
			test.change(t, path)
			publishData(t, s, `{"new":1}`)
			publishData(t, s, `{"new":2}`)
			expectFile(t, path, test.after+"{\"new\":1}\n{\"new\":2}\n")
		})
	}
}

func TestFileReplacedBySomethingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	s := mustOpenFile(t, path)
	must(t, os.Remove(path))
	must(t, os.Mkdir(path, 0o700))
	for range 2 {
		if _, err := s.Publish(t.Context(), msgs("a")); err == nil || !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("got %v, want an error that says it is a directory", err)
		}
	}
	must(t, os.Remove(path))
	publishData(t, s, `{"a":1}`)
	expectFile(t, path, "{\"a\":1}\n")
	must(t, s.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkFilePublish(b *testing.B) {
	s, err := sink.Portable{}.Drivers().Open(b.Context(), []string{fileURL(filepath.Join(b.TempDir(), "events.ndjson"))})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	list := []sink.Message{{ID: "a", Data: fmtObject(1000)}}
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Publish(b.Context(), list); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func fmtObject(size int) []byte {
	return append(append([]byte(`{"x":"`), bytes.Repeat([]byte("x"), size-8)...), `"}`...)
}
