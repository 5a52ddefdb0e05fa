package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// A program is a Go program for a platform.
type program struct {
	pkg, os, arch string
	tags          []string
	// compact are packages that are built without inlining: for large ones whose time
	// goes into waiting for a network.
	compact []string
	name    string // in an archive
	// most is how many bytes it may have, 0 for any number: a function's size is
	// time at each cold start.
	most int64
}

// as returns p with the name that it has in an archive.
func (p program) as(name string) program {
	p.name = name
	return p
}

// compacted returns p with packages that are built without inlining.
func (p program) compacted(packages ...string) program {
	p.compact = packages
	return p
}

// atMost returns p with a limit of so many megabytes.
func (p program) atMost(megabytes int64) program {
	p.most = megabytes * 1_000_000
	return p
}

// build builds p into path: static, without what depends on where it is built, and
// without tables for debuggers.
func (p program) build(ctx context.Context, path string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-tags=" + strings.Join(p.tags, ",")}
	for _, pkg := range p.compact {
		args = append(args, "-gcflags="+pkg+"=-l")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", path, p.pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch, "GOFLAGS=")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s: %w", p.pkg, err)
	}
	info, err := os.Stat(path)
	if err == nil && p.most > 0 && info.Size() > p.most {
		err = fmt.Errorf("%s for %s has %d bytes, more than the %d that it may have", p.pkg, p.arch, info.Size(), p.most)
	}
	return err
}
