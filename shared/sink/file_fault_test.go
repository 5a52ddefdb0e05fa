package sink

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var errDisk = errors.New("no space left on device")

// A faultyFile fails as a disk does, each fault once.
type faultyFile struct {
	diskFile
	takes        int // bytes written before failWrite
	failWrite    bool
	failSync     bool
	failTruncate bool
	failStat     bool
	failClose    bool
}

func once(fault *bool) error {
	if !*fault {
		return nil
	}
	*fault = false
	return errDisk
}

func (f *faultyFile) WriteAt(p []byte, at int64) (int, error) {
	if err := once(&f.failWrite); err != nil {
		n, _ := f.diskFile.WriteAt(p[:f.takes], at)
		return n, err
	}
	return f.diskFile.WriteAt(p, at)
}

func (f *faultyFile) Sync() error {
	if err := once(&f.failSync); err != nil {
		return err
	}
	return f.diskFile.Sync()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := once(&f.failTruncate); err != nil {
		return err
	}
	return f.diskFile.Truncate(size)
}

func (f *faultyFile) Stat() (os.FileInfo, error) {
	if err := once(&f.failStat); err != nil {
		return nil, err
	}
	return f.diskFile.Stat()
}

func (f *faultyFile) Close() error {
	return errors.Join(once(&f.failClose), f.diskFile.Close())
}

func TestFileAfterFailedWrite(t *testing.T) {
	const before = "{\"a\":1}\n"
	tests := []struct {
		name   string
		fault  func(f *faultyFile)
		failed string // the file after the failed Publish
		after  string // and before the next line
	}{
		{"nothing written", func(f *faultyFile) { f.failWrite = true }, before, before},
		{"a part written", func(f *faultyFile) { f.failWrite, f.takes = true, 5 }, before, before},
		{"a line and a part written", func(f *faultyFile) { f.failWrite, f.takes = true, 12 }, before, before},
		{"not synced", func(f *faultyFile) { f.failSync = true }, before, before},
		{"a part written and not cut off", func(f *faultyFile) { f.failWrite, f.takes, f.failTruncate = true, 5, true }, before + "{\"b\":", before},
		{"a line and a part written and not cut off", func(f *faultyFile) { f.failWrite, f.takes, f.failTruncate = true, 12, true }, before + "{\"b\":2}\n{\"c\"", before + "{\"b\":2}\n"},
		{"not looked at", func(f *faultyFile) { f.failStat = true }, before, before},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.ndjson")
			var file *faultyFile
			s, err := newFileSink(path, func(path string) (diskFile, error) {
				f, err := openRegular(path)
				file = &faultyFile{diskFile: f}
				return file, err
			})
			if err != nil {
				t.Fatal(err)
			}
			publish := func(data ...string) error {
				var msgs []Message
				for _, d := range data {
					msgs = append(msgs, Message{Data: []byte(d)})
				}
				_, err := s.Publish(t.Context(), msgs)
				return err
			}
			holds := func(want string) {
				t.Helper()
				if got, err := os.ReadFile(path); err != nil || string(got) != want {
					t.Errorf("the file holds %q, %v, want %q", got, err, want)
				}
			}
			if err := publish(`{"a":1}`); err != nil {
				t.Fatal(err)
			}
			test.fault(file)
			if err := publish(`{"b":2}`, `{"c":3}`); !errors.Is(err, errDisk) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want the disk's error with the path", err)
			}
			holds(test.failed)
			if err := publish(`{"d":4}`); err != nil {
				t.Fatal(err)
			}
			holds(test.after + "{\"d\":4}\n")
			file.failClose = true
			if err := s.Close(); !errors.Is(err, errDisk) {
				t.Errorf("close: got %v, want the disk's error", err)
			}
		})
	}
}

// A file that cannot be repaired is not written to, and not held either.
func TestFileThatCannotBeRepaired(t *testing.T) {
	for name, fault := range map[string]func(f *faultyFile){
		"cut off":   func(f *faultyFile) { f.failTruncate = true },
		"synced":    func(f *faultyFile) { f.failSync = true },
		"looked at": func(f *faultyFile) { f.failStat = true },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.ndjson")
			if err := os.WriteFile(path, []byte("{}\n{\"torn"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := newFileSink(path, func(path string) (diskFile, error) {
				f, err := openRegular(path)
				file := &faultyFile{diskFile: f}
				fault(file)
				return file, err
			})
			if !errors.Is(err, errDisk) {
				t.Fatalf("got %v, want the disk's error", err)
			}
			s, err := newFileSink(path, openRegular)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "{}\n" {
				t.Errorf("the file holds %q, %v", got, err)
			}
		})
	}
}
