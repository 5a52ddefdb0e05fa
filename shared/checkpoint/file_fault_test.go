package checkpoint

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/filelock"
)

var errDisk = errors.New("no space left on device")

// A faultyFile fails as a disk does.
type faultyFile struct {
	newFile
	takes                          int // bytes written before failWrite
	failWrite, failSync, failClose bool
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if f.failWrite {
		n, _ := f.newFile.Write(p[:f.takes])
		return n, errDisk
	}
	return f.newFile.Write(p)
}

func (f *faultyFile) Sync() error {
	if f.failSync {
		return errDisk
	}
	return f.newFile.Sync()
}

func (f *faultyFile) Close() error {
	if err := f.newFile.Close(); err != nil || !f.failClose {
		return err
	}
	return errDisk
}

// After an error of the disk the document is the old one or the new one.
func TestFileStoreAfterFailedSave(t *testing.T) {
	onFile := func(fault func(f *faultyFile)) func(s *fileStore) {
		return func(s *fileStore) {
			s.create = func(path string) (newFile, error) {
				file, err := createFile(path)
				if err != nil {
					return nil, err
				}
				f := &faultyFile{newFile: file}
				fault(f)
				return f, nil
			}
		}
	}
	for name, test := range map[string]struct {
		fault func(s *fileStore)
		want  string
	}{
		"not made":       {func(s *fileStore) { s.create = func(string) (newFile, error) { return nil, errDisk } }, "old"},
		"not written":    {onFile(func(f *faultyFile) { f.failWrite = true }), "old"},
		"a part written": {onFile(func(f *faultyFile) { f.failWrite, f.takes = true, 50 }), "old"},
		"not synced":     {onFile(func(f *faultyFile) { f.failSync = true }), "old"},
		"not closed":     {onFile(func(f *faultyFile) { f.failClose = true }), "old"},
		"name not synced": {func(s *fileStore) {
			s.syncDir = func(string) error { return errDisk }
		}, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFileStore(t.TempDir())
			revision, err := s.Save(t.Context(), "k", []byte("old"), "")
			if err != nil {
				t.Fatal(err)
			}
			test.fault(s)
			if next, err := s.Save(t.Context(), "k", []byte("new"), revision); !errors.Is(err, errDisk) || next != "" ||
				!strings.Contains(err.Error(), filepath.Join(s.dir, "checkpoint-k")) {
				t.Errorf("got %q, %v, want the disk's error with the path", next, err)
			}
			d, err := s.Load(t.Context(), "k")
			if err != nil || string(d.Data) != test.want || (d.Revision == revision) != (test.want == "old") {
				t.Errorf("loaded %q, %v, want %q", d.Data, err, test.want)
			}
			s.create, s.syncDir = createFile, filelock.SyncDir
			if _, err := s.Save(t.Context(), "k", []byte("next"), d.Revision); err != nil {
				t.Errorf("after the fault: %v", err)
			}
		})
	}
}

func TestFileStoreWithoutPermission(t *testing.T) {
	s := newFileStore(t.TempDir())
	s.create = func(path string) (newFile, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	_, err := s.Save(t.Context(), "k", nil, "")
	if want := "saving checkpoint " + filepath.Join(s.dir, "checkpoint-k") +
		": " + fs.ErrPermission.Error() + "; this user must be allowed to read and write in the directory"; !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// FuzzDecode: what is not exactly a file of encode is ErrDamaged.
func FuzzDecode(f *testing.F) {
	for _, data := range []string{"", "{}", "a\nb", "\x00\xff"} {
		f.Add("k", encode("k", "R1", []byte(data)))
	}
	f.Add("a b\n\"", encode("a b\n\"", "R1", nil))
	f.Add("k", []byte(magic+" R1 \"k\" \n"))
	f.Add("k", []byte(magic+"  \"k\" \n"))
	f.Fuzz(func(t *testing.T, key string, file []byte) {
		d, err := decode(key, file)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || d.Data != nil || d.Revision != "" {
				t.Errorf("got %+v, %v", d, err)
			}
			return
		}
		if d.Revision == "" || string(encode(key, d.Revision, d.Data)) != string(file) {
			t.Errorf("%q is taken for revision %q with %q", file, d.Revision, d.Data)
		}
		if len(d.Data) > 0 {
			if _, err := decode(key, file[:len(file)-1]); err == nil {
				t.Error("passes one byte shorter too")
			}
		}
		if _, err := decode(key+"x", file); err == nil {
			t.Error("passes under another key too")
		}
	})
}
