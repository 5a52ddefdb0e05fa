package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A target is something that is deployed.
type target struct {
	name  string // the file's, in dist/
	build func(ctx context.Context, out string) error
}

// targets returns all of them. arch is that of the functions; "" means the one that
// is usual on each platform: arm64 is cheaper on Lambda, and the others have amd64
// alone, or first.
func targets(arch string) []target {
	zip := func(name string, p program, more ...file) target {
		return target{name, func(ctx context.Context, out string) error { return buildZip(ctx, out, name, p, more) }}
	}
	plain := func(name string, p program) target {
		return target{name, func(ctx context.Context, out string) error { return p.build(ctx, filepath.Join(out, name)) }}
	}
	linux := func(pkg, usual string, tags ...string) program {
		return program{pkg: pkg, os: "linux", arch: cmp.Or(arch, usual), tags: tags}
	}
	all := []target{
		// lambda.norpc leaves out what only the older Go runtime needs.
		zip("aws.zip", linux("./aws/bootstrap", "arm64", "lambda.norpc").atMost(10).as("bootstrap")),
		{"gcp.zip", func(ctx context.Context, out string) error { return buildGCP(ctx, filepath.Join(out, "gcp.zip")) }},
		// The host speaks HTTP/1.1 to the handler, and the handler speaks it to Azure's services: 0.5 MB
		// of HTTP/2 would not be used. What is not inlined in the Kafka client makes it another 0.6 MB less.
		zip("azure.zip", linux("./azure/handler", "amd64", "nethttpomithttp2").compacted("github.com/twmb/franz-go/...").atMost(12).as("handler"), folder("azure/app")),
		zip("openwhisk.zip", linux("./ibm/exec", "amd64").atMost(10).as("exec"), folder("ibm/action")),
		plain("server", linux("./heroku/server", "amd64")),
		// Heroku's dynos are amd64, whatever the functions are built for.
		{"heroku.tgz", func(ctx context.Context, out string) error {
			server := program{pkg: "./heroku/server", os: "linux", arch: "amd64"}.as("bin/server")
			return buildSlug(ctx, out, "heroku.tgz", server, []file{{name: "Procfile", path: "Procfile", mode: 0o644}})
		}},
	}
	for _, p := range []program{
		{os: "linux", arch: "amd64"}, {os: "linux", arch: "arm64"},
		{os: "darwin", arch: "arm64"}, {os: "darwin", arch: "amd64"}, {os: "windows", arch: "amd64"},
	} {
		p.pkg = "./cmd/dtfn"
		name := "dtfn-" + p.os + "-" + p.arch
		if p.os == "windows" {
			name += ".exe"
		}
		all = append(all, plain(name, p))
	}
	return all
}

// describe prints a file's hash, length and name.
func describe(out, name string) error {
	f, err := os.Open(filepath.Join(out, name))
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	if err != nil {
		return err
	}
	fmt.Printf("%x  %9d bytes  %s\n", hash.Sum(nil), n, name)
	return nil
}
