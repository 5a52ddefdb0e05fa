// Command tfsecrets follows secrets through Terraform modules by reading them: from where
// they come in (sensitive or ephemeral variables, generated passwords, the attributes in
// which providers give out keys) over locals and modules to where they go. A secret may
// go into a write-only argument (NAME_wo), into an attribute that is made for it (package
// keeper), or into a variable that is marked. Anything else is reported: an environment
// variable, a plain attribute, an output.
//
// tfplans looks for the same in plans, where it sees only what the tests have planted and
// only in the cases that they run. Here every line counts, and no value is known.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: tfsecrets FOLDER…")
		os.Exit(2)
	}
	files, secrets, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "tfsecrets: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("%d files read; secrets go into %d places, all of them made for secrets\n", files, secrets)
}

// run reads all modules below the folders. It returns how many files they have and how
// often a secret goes to where it may.
func run(roots []string) (files, secrets int, err error) {
	var errs []error
	for _, root := range roots {
		dirs, err := folders(root)
		if err != nil {
			return 0, 0, err
		}
		for _, dir := range dirs {
			m, err := read(dir)
			if err != nil {
				return 0, 0, err
			}
			files += len(m.files)
			found := m.check()
			secrets += m.kept
			errs = append(errs, found...)
		}
	}
	if files == 0 {
		errs = append(errs, errors.New("there is no .tf file in "+strings.Join(roots, ", ")))
	}
	return files, secrets, errors.Join(errs...)
}

// folders returns those below root that have .tf files.
func folders(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".terraform":
			return fs.SkipDir
		case !d.IsDir() && filepath.Ext(path) == ".tf":
			if dir := filepath.Dir(path); len(dirs) == 0 || dirs[len(dirs)-1] != dir {
				dirs = append(dirs, dir)
			}
		}
		return nil
	})
	return dirs, err
}
