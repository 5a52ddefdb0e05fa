package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An archive's bytes follow from names, modes and contents alone: not from the files'
// times, nor from where they lie or in which order they are named.
func TestWriteZip(t *testing.T) {
	var archives [][]byte
	for i, order := range [][]string{{"b", "a", "sub/c"}, {"sub/c", "a", "b"}} {
		dir := t.TempDir()
		var files []file
		for _, name := range order {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("content of "+name), 0o600); err != nil {
				t.Fatal(err)
			}
			when := time.Unix(int64(1e9+1000*i), 0)
			if err := os.Chtimes(path, when, when); err != nil {
				t.Fatal(err)
			}
			files = append(files, file{name: name, path: path, mode: 0o755})
		}
		to := filepath.Join(dir, "archive.zip")
		if err := writeZip(to, files); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, data)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same files make different archives")
	}
	z, err := zip.NewReader(bytes.NewReader(archives[0]), int64(len(archives[0])))
	if err != nil || len(z.File) != 3 || z.File[0].Name != "a" || z.File[0].Mode() != 0o755 {
		t.Errorf("%v, %v", z, err)
	}
}

func TestSelectTargets(t *testing.T) {
	all := targets("")
	if got, err := selectTargets(all, ""); err != nil || len(got) != len(all) {
		t.Errorf("%d, %v", len(got), err)
	}
	if got, err := selectTargets(all, "gcp.zip,server"); err != nil || len(got) != 2 {
		t.Errorf("%d, %v", len(got), err)
	}
	if _, err := selectTargets(all, "server,nothing"); err == nil {
		t.Error("an unknown target is taken")
	}
	if err := run(t.Context(), []string{"-arch", "mips"}); err == nil {
		t.Error("an unknown architecture is taken")
	}
}
