package main

import (
	"context"
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
	return cmd.Run()
}
