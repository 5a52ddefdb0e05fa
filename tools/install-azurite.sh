#!/bin/sh
# Installs Azurite, the emulator of Azure Storage in the tests of azure/, pinned, into
# .tools/azurite. Does nothing when it is there. Prints the program for DTFN_AZURITE on
# the last line, as NAME=VALUE. Node.js and npm must be there.
set -eu
# What it depends on is of that day too.
version=3.37.0
day=2026-11-20
cd "$(dirname "$0")/.."
target=.tools/azurite
if [ "$(cat "$target/installed" 2>/dev/null || true)" != "$version $day" ]; then
	echo "installing azurite $version" >&2
	rm -rf "$target"
	mkdir -p "$target"
	npm install --prefix "$target" --before="$day" --no-audit --no-fund --loglevel=error "azurite@$version" >&2
	# Last: an installation that broke off is begun anew.
	echo "$version $day" >"$target/installed"
fi
echo "DTFN_AZURITE=$PWD/$target/node_modules/.bin/azurite"
