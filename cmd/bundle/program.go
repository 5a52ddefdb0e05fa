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
	name          string // in an archive
}

// as returns p with the name that it has in an archive.
func (p program) as(name string) program {
	p.name = name
	return p
}

// build builds p into path: static, without what depends on where it is built, and
// without tables for debuggers.
func (p program) build(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=",
		"-tags="+strings.Join(p.tags, ","), "-o", path, p.pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch, "GOFLAGS=")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}
