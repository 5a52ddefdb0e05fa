package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A slug's bytes follow from names, modes and contents alone.
func TestWriteSlug(t *testing.T) {
	var slugs [][]byte
	for i, order := range [][]string{{"bin/b", "a", "bin/a"}, {"bin/a", "a", "bin/b"}} {
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
		to := filepath.Join(dir, "slug.tgz")
		if err := writeSlug(to, files); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		slugs = append(slugs, data)
	}
	if !bytes.Equal(slugs[0], slugs[1]) {
		t.Error("the same files make different slugs")
	}
	if got, want := names(entries(t, slugs[0])), []string{"./app/", "./app/a", "./app/bin/", "./app/bin/a", "./app/bin/b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	missing := []file{{name: "x", path: filepath.Join(t.TempDir(), "x")}}
	if err := writeSlug(filepath.Join(t.TempDir(), "slug.tgz"), missing); err == nil {
		t.Error("a file that is not there is passed over")
	}
}

// The slug for Heroku has what its Procfile starts, for Heroku's processors, and nothing
// else.
func TestHerokuSlug(t *testing.T) {
	t.Chdir("../..")
	out := t.TempDir()
	selected, err := selectTargets(targets("arm64"), "heroku.tgz")
	if err != nil {
		t.Fatal(err)
	}
	if err := selected[0].build(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(out, "heroku.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	slug := entries(t, data)
	if got, want := names(slug), []string{"./app/", "./app/Procfile", "./app/bin/", "./app/bin/server"}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	if got := string(slug[1].content); got != "web: bin/server\n" {
		t.Errorf("Procfile: %q", got)
	}
	server := slug[3]
	if server.Mode != 0o755 || server.Uid != 0 || server.Uname != "" || !server.ModTime.Equal(epoch()) {
		t.Errorf("%+v", server.Header)
	}
	const amd64 = 62 // EM_X86_64
	if len(server.content) < 20 || string(server.content[:4]) != "\x7fELF" || server.content[18] != amd64 {
		t.Fatal("bin/server is no program for amd64")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return
	}
	program := filepath.Join(out, "server")
	if err := os.WriteFile(program, server.content, 0o755); err != nil {
		t.Fatal(err)
	}
	if printed, err := exec.CommandContext(t.Context(), program, "version").CombinedOutput(); err != nil || strings.TrimSpace(string(printed)) == "" {
		t.Errorf("%v: %s", err, printed)
	}
}

// An entry is a file or a folder in a slug.
type entry struct {
	*tar.Header
	content []byte
}

func entries(t *testing.T, slug []byte) []entry {
	t.Helper()
	compressed, err := gzip.NewReader(bytes.NewReader(slug))
	if err != nil {
		t.Fatal(err)
	}
	if compressed.Name != "" || !compressed.ModTime.IsZero() {
		t.Errorf("the archive has a name or a time: %+v", compressed.Header)
	}
	var all []entry
	for r := tar.NewReader(compressed); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry{header, content})
	}
}

func names(entries []entry) []string {
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	return names
}
