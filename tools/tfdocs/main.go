// Command tfdocs writes the tables of inputs and outputs into the README.md of
// Terraform modules, and terraform/shared.tf into each module that has a copy of it.
// With -check it changes nothing, and fails where something would change. Without names
// of modules it takes all that are in the folder.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "change nothing; fail where something would change")
	flag.Parse()
	if flag.NArg() < 1 {
		fmt.Fprintln(os.Stderr, "usage: tfdocs [-check] FOLDER-OF-MODULES [MODULE…]")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Args()[1:], *check); err != nil {
		fmt.Fprintln(os.Stderr, "tfdocs:", err)
		os.Exit(1)
	}
}

// shared is the file that modules have copies of.
const shared = "shared.tf"

func run(root string, modules []string, check bool) error {
	common, err := os.ReadFile(filepath.Join(root, shared))
	if err != nil {
		return err
	}
	if len(modules) == 0 {
		modules = []string{"*"}
	}
	var readmes []string
	for _, module := range modules {
		found, err := filepath.Glob(filepath.Join(root, module, "README.md"))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s has no module %s with a README.md", root, module)
		}
		readmes = append(readmes, found...)
	}
	var errs []error
	for _, readme := range readmes {
		dir := filepath.Dir(readme)
		if _, err := os.Stat(filepath.Join(dir, shared)); err == nil {
			errs = append(errs, write(filepath.Join(dir, shared), common, check))
		}
		text, err := os.ReadFile(readme)
		if err != nil {
			return err
		}
		tables, err := describe(dir)
		if err != nil {
			return err
		}
		if text, err = insert(text, tables); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", readme, err))
			continue
		}
		errs = append(errs, write(readme, text, check))
	}
	return errors.Join(errs...)
}

// write writes a file that is to be so, or says that it is not.
func write(name string, want []byte, check bool) error {
	is, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	switch {
	case bytes.Equal(is, want):
		return nil
	case check:
		return fmt.Errorf("%s is out of date: run make golden", name)
	}
	return os.WriteFile(name, want, 0o644)
}

const (
	begin = "<!-- BEGIN_TF_DOCS -->"
	end   = "<!-- END_TF_DOCS -->"
)

// insert puts tables between the marks in text.
func insert(text []byte, tables string) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, []byte(begin))
	if !ok {
		return nil, errors.New("has no line " + begin)
	}
	_, after, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return nil, errors.New("has no line " + end)
	}
	return fmt.Appendf(nil, "%s%s\n%s%s%s", before, begin, tables, end, after), nil
}
