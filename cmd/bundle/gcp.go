package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// The files that stand at the root of the source archive for Google Cloud, where the
// buildpack looks for functions and nowhere else (buildpacks: Go, "Functions").
const (
	rootFunction = `// Package function registers the functions of this archive.
package function

import (
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/dt-functions/dt-functions/gcp/function"
)

func init() { function.Register(function.System(), functions.HTTP) }
`
	// rootFramework makes go mod vendor take along what the buildpack's own main
	// package imports.
	rootFramework = `//go:build tools

package function

import _ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
`
)

// buildGCP writes the source archive: what the functions are made of, the modules they
// use in vendor/, and the files of the root. Nothing is fetched when it is built.
func buildGCP(ctx context.Context, path string) error {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sources, err := sourcesOf(ctx, "./gcp/function")
	if err != nil {
		return err
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	for _, source := range append(sources, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum"), filepath.Join(root, "LICENSE")) {
		name, err := filepath.Rel(root, source)
		if err != nil {
			return err
		}
		if err := copyFile(source, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"function.go": rootFunction, "framework.go": rootFramework} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	vendor := exec.CommandContext(ctx, "go", "mod", "vendor")
	vendor.Dir, vendor.Stderr = dir, os.Stderr
	vendor.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if err := vendor.Run(); err != nil {
		return fmt.Errorf("go mod vendor: %w", err)
	}
	files, err := expand(folder(dir))
	if err != nil {
		return err
	}
	return writeZip(path, files)
}

// sourcesOf returns the source files of a package of this module and of all that it
// imports from this module, as they are built for Linux.
func sourcesOf(ctx context.Context, pkg string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles,Module,Standard", pkg)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var sources []string
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              *struct{ Main bool }
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return sources, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, name := range append(p.GoFiles, p.EmbedFiles...) {
			sources = append(sources, filepath.Join(p.Dir, name))
		}
	}
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
