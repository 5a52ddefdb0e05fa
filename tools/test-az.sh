#!/usr/bin/env bash
# Applies the Azure module in its tests with a stand-in for the Azure CLI, and holds what
# that was asked for against what is wanted: the first apply tells the platform of each
# app's timer twice, since the first time starts the app; a second plan changes nothing; a
# changed schedule is told for its own app alone. A stand-in that fails must fail the apply,
# with what it has said. Arguments are tfplans, and the folder that Terraform has its data in.
set -euo pipefail
cd "$(dirname "$0")/.."
tfplans=$1
export TF_DATA_DIR=$2
work=$(mktemp -d)
trap 'rm -rf "$work"; find terraform/azure -name .terraform.lock.hcl -delete' EXIT
export PATH=$work:$PATH

# az SCRIPT: what the stand-in does after it has written down what it was asked for.
az() {
	printf '#!/bin/sh\necho "$*" >>"%s/asked"\n%s\n' "$work" "$1" >"$work/az"
	chmod +x "$work/az"
	: >"$work/asked"
}

run() {
	terraform -chdir=terraform/azure test -test-directory=tests/az -json -verbose -no-color >"$work/runs" 2>"$work/log" || true
}

terraform -chdir=terraform/azure init -backend=false -input=false -no-color -test-directory=tests/az >"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}

az ''
run
printf 'az stood in for: '
"$tfplans" <"$work/runs"
url=https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites
diff - <(sort "$work/asked" | uniq -c | tr -s ' ') <<EOF
 2 rest --method post --url $url/configure/syncfunctiontriggers?api-version=2022-03-01
 4 rest --method post --url $url/recover/syncfunctiontriggers?api-version=2022-03-01
EOF

az 'echo "Please run az login" >&2; exit 1'
run
if "$tfplans" <"$work/runs" >"$work/log" 2>&1 || ! grep -q 'Please run az login' "$work/log"; then
	cat "$work/log"
	echo "test-az: an az that fails does not fail the apply with what it says" >&2
	exit 1
fi
