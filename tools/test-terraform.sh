#!/usr/bin/env bash
# Checks the Terraform modules and their examples: format, documentation, lint,
# validity, and their tests, which need no account anywhere. Providers come from where
# `terraform init` finds them. Arguments are the modules to test, such as aws; none means
# all.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
least=12 # test runs a module

command -v terraform >/dev/null || {
	echo "test-terraform: there is no terraform on this machine; install Terraform 1.11 or later and put it on the PATH" >&2
	exit 1
}
terraform version | sed -n 1p # not head, which would leave terraform with a broken pipe
export $(tools/install-tflint.sh | tail -n 1)

modules=("$@")
[ $# -gt 0 ] || modules=($(cd terraform && ls -d */ | tr -d /))
folders=("${modules[@]/#/terraform/}")

# What the modules deploy.
[ -f dist/aws.zip ] && [ -f dist/gcp.zip ] && [ -f dist/azure.zip ] && [ -f dist/heroku.tgz ] || make --no-print-directory build >/dev/null

for folder in "${folders[@]}"; do
	terraform fmt -check -diff -recursive "$folder" || {
		echo "test-terraform: run terraform fmt -recursive $folder" >&2
		exit 1
	}
done
(cd tools && $go run ./tfdocs -check ../terraform "${modules[@]}")

# Nothing is left in the tree: a lock file names the providers of the machine that made it.
work=$(mktemp -d)
trap 'rm -rf "$work"; find "${folders[@]}" -name .terraform.lock.hcl -delete' EXIT

# quiet runs a command and shows what it has printed if it fails.
quiet() {
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log"
		echo "test-terraform: $* has failed" >&2
		exit 1
	}
}

(cd tools && $go test ./tfplans ./tfsecrets && $go build -o "$work/tfplans" ./tfplans && $go run ./tfsecrets "${folders[@]/#/../}")

total=0
for module in "${folders[@]}"; do
	for dir in "$module" "$module"/examples/*; do
		export TF_DATA_DIR=$work/$dir
		quiet terraform -chdir="$dir" init -backend=false -input=false -no-color
		quiet terraform -chdir="$dir" validate -no-color
		quiet "$TFLINT" --chdir="$dir" --config="$PWD/terraform/.tflint.hcl" --no-color
	done
	export TF_DATA_DIR=$work/$module
	examples=$(find "$module/examples" -mindepth 1 -maxdepth 1 -type d | wc -l)
	echo "$module: $examples examples valid"
	# Its exit code is in what it prints.
	terraform -chdir="$module" test -json -verbose -no-color >"$work/runs" 2>"$work/log" || true
	"$work/tfplans" <"$work/runs" | tee "$work/log"
	runs=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$work/log")
	if [ "${runs:-0}" -lt $least ]; then
		echo "test-terraform: $module has ${runs:-no} test runs; at least $least are wanted" >&2
		exit 1
	fi
	total=$((total + runs))
	if [ "$module" = terraform/azure ]; then
		tools/test-az.sh "$work/tfplans" "$TF_DATA_DIR"
	fi
done

tools/test-rebuilt.sh "$work/tfplans" "${modules[@]}"
echo "$total runs passed"
