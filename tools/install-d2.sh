#!/bin/sh
# Installs d2, which draws docs/pictures, pinned, into .tools/d2. Does nothing when it is
# there. Prints the program as D2=… on the last line. Needs Go.
set -eu
version=v0.7.2
cd "$(dirname "$0")/.."
target=$PWD/.tools/d2
if [ "$(cat "$target/installed" 2>/dev/null || true)" != "$version" ]; then
	echo "installing d2 $version" >&2
	rm -rf "$target"
	mkdir -p "$target"
	GOBIN=$target GOFLAGS= ${GO:-go} install "oss.terrastruct.com/d2@$version" >&2
	echo "$version" >"$target/installed"
fi
echo "D2=$target/d2"
