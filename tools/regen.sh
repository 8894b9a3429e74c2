#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the documents that come from tables in the source; with --check only says which are out of date.
# Usage: tools/regen.sh [--check] BUILD-FOLDER
set -eu
check=no
[ "$1" != --check ] || { check=yes && shift; }
build=$1
new=$(mktemp)
trap 'rm -f "$new"' EXIT
status=0
made() { # FILE COMMAND...
	file=$1
	shift
	"$@" >"$new"
	cmp -s "$new" "$file" && return
	if [ $check = yes ]; then
		echo "$file is out of date: make regen" >&2
		status=1
	else
		mkdir -p "$(dirname "$file")"
		cat "$new" >"$file"
		echo "made $file"
	fi
}
made docs/reference/domain.md "$build/src/model/model-dump" reference
made docs/reference/domain.rng "$build/src/model/model-dump" schema
made docs/man/vireod.8 "$build/src/daemon/daemon-dump" manual docs/man/vireod.8.in
exit $status
