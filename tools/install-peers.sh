#!/bin/sh
# Installs DT's own Python packages, pinned, into .tools/peers.
set -eu
cd "$(dirname "$0")/.."
if ! cmp -s tools/peers.txt .tools/peers/installed.txt; then
	rm -rf .tools/peers
	python3 -m venv .tools/peers
	.tools/peers/bin/pip install --quiet --disable-pip-version-check --requirement tools/peers.txt
	cp tools/peers.txt .tools/peers/installed.txt
fi
