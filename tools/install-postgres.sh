#!/bin/sh
# Installs what the tests of heroku/ run: PostgreSQL 15 and PgBouncer, Debian's
# packages. Does nothing when they are there. Prints the folders for
# DTFN_POSTGRES_BIN and DTFN_PGBOUNCER_BIN on the last line, as NAME=VALUE.
set -eu
major=15
bin=/usr/lib/postgresql/$major/bin
bouncer=/usr/sbin

if [ ! -x "$bin/initdb" ] || [ ! -x "$bin/postgres" ] || [ ! -x "$bouncer/pgbouncer" ]; then
	if [ "$(id -u)" -ne 0 ]; then
		echo "install-postgres: run as root, or install postgresql-$major and pgbouncer" >&2
		exit 1
	fi
	echo "installing postgresql-$major and pgbouncer" >&2
	export DEBIAN_FRONTEND=noninteractive
	# No cluster of the machine's own, and no service: the tests make theirs.
	cluster=/etc/postgresql-common/createcluster.conf
	policy=/usr/sbin/policy-rc.d
	made=
	if [ ! -e "$cluster" ]; then
		mkdir -p "${cluster%/*}"
		echo 'create_main_cluster = false' >"$cluster"
		made="$cluster"
	fi
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
		made="$made $policy"
	fi
	trap 'rm -f $made' EXIT
	apt-get update -qq >&2
	# --force-confold: the package brings a createcluster.conf of its own.
	apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold "postgresql-$major" pgbouncer >&2
fi
"$bin/postgres" --version >&2
echo "DTFN_POSTGRES_BIN=$bin DTFN_PGBOUNCER_BIN=$bouncer"
