package main

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// slugRoot is the folder of a slug whose files Heroku takes; it ignores all others
// (Heroku, "Creating Slugs from Scratch").
const slugRoot = "./app"

// buildSlug builds p and writes it and more into a slug: what Heroku releases as it is,
// without a buildpack.
func buildSlug(ctx context.Context, out, name string, p program, more []file) error {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, path.Base(p.name))
	if err := p.build(ctx, binary); err != nil {
		return err
	}
	return writeSlug(filepath.Join(out, name), append([]file{{name: p.name, path: binary, mode: 0o755}}, more...))
}

// writeSlug writes a compressed tar archive whose bytes follow from the files' names,
// modes and contents alone. Each folder stands before what is in it.
func writeSlug(to string, files []file) (err error) {
	files = slices.SortedFunc(slices.Values(files), func(a, b file) int { return cmp.Compare(a.name, b.name) })
	archive, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, archive.Close()) }()
	// Its header has neither a name nor a time.
	compressed := gzip.NewWriter(archive)
	w := tar.NewWriter(compressed)
	made := make(map[string]bool)
	for _, f := range files {
		for _, folder := range parents(path.Join(slugRoot, f.name)) {
			if made[folder] {
				continue
			}
			made[folder] = true
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./" + folder + "/", Mode: 0o755, ModTime: epoch(), Format: tar.FormatUSTAR}); err != nil {
				return err
			}
		}
		if err := addToSlug(w, f); err != nil {
			return err
		}
	}
	return cmp.Or(w.Close(), compressed.Close())
}

// parents returns the folders that a file is in, the outermost first.
func parents(name string) []string {
	var folders []string
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		folders = append(folders, dir)
	}
	slices.Reverse(folders)
	return folders
}

func addToSlug(w *tar.Writer, f file) error {
	from, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: slugRoot + "/" + f.name, Mode: int64(f.mode.Perm()), Size: info.Size(),
		ModTime: epoch(), Format: tar.FormatUSTAR,
	}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(w, from)
	return err
}
