#!/bin/sh
# Installs tflint, pinned, into .tools/tflint. Does nothing when it is there. Prints the
# program as TFLINT=… on the last line. Needs Go.
set -eu
version=v0.64.0
cd "$(dirname "$0")/.."
target=$PWD/.tools/tflint
if [ "$(cat "$target/installed" 2>/dev/null || true)" != "$version" ]; then
	echo "installing tflint $version" >&2
	rm -rf "$target"
	mkdir -p "$target"
	GOBIN=$target GOFLAGS= ${GO:-go} install "github.com/terraform-linters/tflint@$version" >&2
	echo "$version" >"$target/installed"
fi
echo "TFLINT=$target/tflint"
