// Command bundle builds what is deployed, in dist/: an archive or a program a
// platform. Two builds of one commit have the same bytes, whatever the folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bundle", flag.ContinueOnError)
	out := flags.String("out", "dist", "the folder to build into")
	arch := flags.String("arch", "", "the architecture of the functions: amd64 or arm64 (default: each platform's usual one)")
	only := flags.String("only", "", "build only these, comma-separated (default all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *arch != "" && *arch != "amd64" && *arch != "arm64" {
		return fmt.Errorf("-arch: %q is neither amd64 nor arm64", *arch)
	}
	targets, err := selectTargets(targets(*arch), *only)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	var errs []error
	for _, t := range targets {
		if err := t.build(ctx, *out); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.name, err))
			continue
		}
		if err := describe(*out, t.name); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// selectTargets returns the targets that only names, or all.
func selectTargets(all []target, only string) ([]target, error) {
	if only == "" {
		return all, nil
	}
	names := strings.Split(only, ",")
	selected := slices.DeleteFunc(slices.Clone(all), func(t target) bool { return !slices.Contains(names, t.name) })
	if len(selected) != len(names) {
		return nil, fmt.Errorf("-only: not all of %q are known", only)
	}
	return selected, nil
}
