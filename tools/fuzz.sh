#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs each fuzz target of a build with -Dfuzz=true; stops at the first input that breaks one, and names it.
# Usage: tools/fuzz.sh BUILD-FOLDER SECONDS-EACH
set -eu
build=$1
seconds=$2
for target in "$build"/tests/fuzz/fuzz_*; do
	[ -f "$target" ] && [ -x "$target" ] || continue
	name=${target##*/fuzz_}
	mkdir -p "$build/corpus/$name"
	log="$build/fuzz-$name.log"
	if "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -verbosity=1 \
		-artifact_prefix="$build/$name-" "$build/corpus/$name" "tests/fuzz/$name" >"$log" 2>&1; then
		echo "$name: $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 inputs in \2 s, nothing found/p' "$log")"
	else
		tail -n 60 "$log"
		echo "$name: broken; add the input to tests/fuzz/$name once it is mended" >&2
		exit 1
	fi
done
