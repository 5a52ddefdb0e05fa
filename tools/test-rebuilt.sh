#!/usr/bin/env bash
# Builds what Terraform deploys three times, each in a folder of its own: twice from this
# source, and from this source with one line changed. The first two must be the same
# bytes; then the modules' tests are run with these archives, since those bring their own
# in little: a second plan changes nothing ("again"), and a plan with the changed source
# changes what holds the source and nothing else ("changed_source").
# Arguments are tfplans, and the modules to test.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
tfplans=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for build in before rebuilt after; do
	mkdir "$work/$build"
	git ls-files -z --cached --others --exclude-standard -- ':!terraform' |
		tar --null --files-from=- --ignore-failed-read --create | tar --extract --directory="$work/$build"
done
sed -i 's/Leeway = time.Minute$/Leeway = 59 * time.Second/' "$work/after/shared/signature/verifier.go"
if cmp -s "$work/before/shared/signature/verifier.go" "$work/after/shared/signature/verifier.go"; then
	echo "test-rebuilt: the line to change is not there any more" >&2
	exit 1
fi

# Examples call the connector's module beside theirs.
mkdir "$work/terraform"
cp -r terraform/connector "$work/terraform"
for module in "$@"; do
	case $module in
	connector | ibm) continue ;; # these deploy nothing that is built, and an image
	esac
	# The folder that the module's tests have their archives in.
	source=terraform/$module/tests/source
	archive=$(cd "$source" && ls before.*)
	archive=$module.${archive#before.}
	for build in before rebuilt after; do
		(cd "$work/$build" && $go run ./cmd/bundle -only "$archive" >"$work/built" 2>&1) || {
			cat "$work/built"
			exit 1
		}
	done
	cmp "$work/before/dist/$archive" "$work/rebuilt/dist/$archive"
	if cmp -s "$work/before/dist/$archive" "$work/after/dist/$archive"; then
		echo "test-rebuilt: $archive is the same with another source" >&2
		exit 1
	fi

	cp -r "terraform/$module" "$work/terraform"
	for build in before after; do
		cp "$work/$build/dist/$archive" "$work/terraform/$module/tests/source/$build.${archive#*.}"
	done
	files=$(cd "$work/terraform/$module" && grep -l 'run "changed_source"' tests/*.tftest.hcl | sed 's/^/-filter=/')
	export TF_DATA_DIR=$work/data/$module
	terraform -chdir="$work/terraform/$module" init -backend=false -input=false -no-color >"$work/log" 2>&1 || {
		cat "$work/log"
		exit 1
	}
	terraform -chdir="$work/terraform/$module" test -json -verbose -no-color $files >"$work/runs" 2>"$work/log" || true
	printf '%s built three times: ' "$archive"
	"$tfplans" <"$work/runs" | tee "$work/log"
	grep -q '[1-9][0-9]* plans that change nothing, [1-9][0-9]* of a changed source' "$work/log"
done
