#!/bin/sh
# Installs Apache Kafka for the tests of shared/sink/kafka, as tools/kafka/pom.xml pins
# it, into .tools/kafka, and a Java runtime and Maven by apt where they are missing.
# Does nothing when it is there. Prints the folder for DTFN_KAFKA_HOME on the last
# line, as NAME=VALUE.
set -eu
cd "$(dirname "$0")/.."
target=.tools/kafka

# need PROGRAM PACKAGE: the package is Debian's, and installed when there is no PROGRAM.
need() {
	if command -v "$1" >/dev/null; then
		return
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "install-kafka: run as root, or install $2" >&2
		exit 1
	fi
	echo "installing $2" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >&2
	apt-get install -qq -y --no-install-recommends "$2" >&2
}

# Kafka 4 wants Java 17, which Debian 12 has.
need java openjdk-17-jre-headless
if ! cmp -s tools/kafka/pom.xml "$target/installed.xml"; then
	need mvn maven
	echo "installing Apache Kafka" >&2
	rm -rf "$target"
	mkdir -p "$target"
	mvn --quiet --batch-mode -Dstyle.color=never --file tools/kafka/pom.xml dependency:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory="$PWD/$target/libs" >&2
	# Last: an installation that broke off is begun anew.
	cp tools/kafka/pom.xml "$target/installed.xml"
fi
echo "DTFN_KAFKA_HOME=$PWD/$target"
