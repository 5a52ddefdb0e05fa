#!/bin/sh
# Installs what the platforms' tests run against, runs them, and prints the table of
# what every adapter has answered.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
for component in moto azurite postgres kafka; do
	# The last line is NAME=VALUE, one or several.
	export $(tools/install-$component.sh | tail -n 1)
done
DTFN_ADAPTER_TABLE=$PWD/.tools/adapter-table
export DTFN_ADAPTER_TABLE
rm -rf "$DTFN_ADAPTER_TABLE"
# One package at a time: each starts servers, kills them and waits for them.
$go test -count=1 -p 1 -timeout 30m -tags platforms \
	./aws/... ./gcp/... ./azure/... ./ibm/... ./heroku/... ./shared/checkpoint/s3 ./shared/sink/kafka/... ./cmd/dtfn/doctortest
$go run ./functions/receive/adaptertest/table "$DTFN_ADAPTER_TABLE"
