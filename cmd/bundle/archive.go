package main

import (
	"archive/zip"
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A file is one, or a folder of them, that goes into an archive.
type file struct {
	name string // in the archive; "" for a folder, whose files keep their names in it
	path string
	mode fs.FileMode
}

// folder adds all files of a folder of this module.
func folder(path string) file { return file{path: path} }

// epoch is the time of every file: the first that an archive can hold.
func epoch() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// buildZip builds p and writes it and more into an archive.
func buildZip(ctx context.Context, out, name string, p program, more []file) error {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, p.name)
	if err := p.build(ctx, binary); err != nil {
		return err
	}
	files := []file{{name: p.name, path: binary, mode: 0o755}}
	for _, f := range more {
		inside, err := expand(f)
		if err != nil {
			return err
		}
		files = append(files, inside...)
	}
	return writeZip(filepath.Join(out, name), files)
}

// expand returns the files of a folder.
func expand(f file) ([]file, error) {
	if f.name != "" {
		return []file{f}, nil
	}
	var files []file
	err := filepath.WalkDir(f.path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.path, path)
		files = append(files, file{name: filepath.ToSlash(name), path: path, mode: 0o644})
		return err
	})
	return files, err
}

// writeZip writes an archive whose bytes follow from the files' names, modes and
// contents alone.
func writeZip(path string, files []file) (err error) {
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	archive, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, archive.Close()) }()
	w := zip.NewWriter(archive)
	for _, f := range files {
		if err := addFile(w, f); err != nil {
			return err
		}
	}
	return w.Close()
}

func addFile(w *zip.Writer, f file) error {
	header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch()}
	header.SetMode(f.mode)
	to, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}
