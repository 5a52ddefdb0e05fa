#!/bin/sh
# Draws docs/pictures/*.svg from the texts beside them.
set -eu
cd "$(dirname "$0")/.."
export $(tools/install-d2.sh | tail -n 1)
for text in docs/pictures/*.d2; do
	name=$(basename "$text" .d2)
	[ "$name" != base ] || continue
	(cd docs/pictures && "$D2" --layout elk --pad 20 "$name.d2" - 2>/dev/null >"$name.svg")
done
