#!/bin/sh
# Installs moto, the stand-in for AWS in the tests of aws/, pinned, into .tools/moto.
# Does nothing when it is there. Prints the program for DTFN_MOTO_SERVER on the last
# line, as NAME=VALUE.
set -eu
cd "$(dirname "$0")/.."
if ! cmp -s tools/moto.txt .tools/moto/installed.txt; then
	echo "installing $(grep ^moto= tools/moto.txt)" >&2
	rm -rf .tools/moto
	mkdir -p .tools
	python3 -m venv .tools/moto
	.tools/moto/bin/pip install --quiet --no-deps --disable-pip-version-check --requirement tools/moto.txt >&2
	cp tools/moto.txt .tools/moto/installed.txt
fi
echo "DTFN_MOTO_SERVER=$PWD/.tools/moto/bin/moto_server"
