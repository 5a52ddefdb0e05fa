#!/bin/sh
# Starts what `make run` starts, waits for the first accepted event, stops it and
# starts it once more: the store must go on where it was. Prints how long the
# first event took.
set -eu
dir=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT

# run LOG: runs until an event has been accepted, then stops it as Ctrl-C does.
run() {
	: >"$1"
	start=$(date +%s%N)
	dist/dtfn run --json --listen 127.0.0.1:0 --store "$dir/events.db" >"$1" &
	pid=$!
	tries=0
	until grep -q '"outcome":"accepted"' "$1"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ]; then
			echo "no event was accepted within 10 s" >&2
			cat "$1" >&2
			exit 1
		fi
		sleep 0.1
	done
	echo "first accepted event after $((($(date +%s%N) - start) / 1000000)) ms"
	kill -INT "$pid"
	wait "$pid"
	pid=
}

accepted() { cat "$@" | grep -c '"outcome":"accepted"'; }
stored() { dist/dtfn events --json --store "$dir/events.db" | wc -l; }

run "$dir/first"
if [ "$(stored)" -ne "$(accepted "$dir/first")" ]; then
	echo "accepted $(accepted "$dir/first") events, but $(stored) are in the store" >&2
	exit 1
fi
run "$dir/second"
if [ "$(stored)" -ne "$(accepted "$dir/first" "$dir/second")" ]; then
	echo "accepted $(accepted "$dir/first" "$dir/second") events in two runs, but $(stored) are in the store" >&2
	exit 1
fi
if [ "$(dist/dtfn events --json --store "$dir/events.db" | sed 's/^{"sequence":[0-9]*,"id":"\([^"]*\)".*/\1/' | sort | uniq -d | wc -l)" -ne 0 ]; then
	echo "an event is in the store twice" >&2
	exit 1
fi
echo "two runs, $(stored) events in the store, none lost, none repeated"
