#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every check that runs no test: layers, layout, documents from tables, clang's warnings, clang-tidy.
# Usage: tools/lint.sh BUILD-FOLDER CLANG-BUILD-FOLDER
set -eu
build=$1
clang=$2
tools/check_layers.py
tools/check_format.sh .
tools/regen.sh --check "$build"
[ -d "$clang" ] || CC=clang meson setup -Db_colorout=never "$clang" >/dev/null
ninja -C "$clang" --quiet
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! run-clang-tidy -quiet -p "$clang" "$PWD/(src|tests)/.*" >"$log" 2>&1; then
	grep -E '(warning|error):' -A 3 "$log" | sort -u >&2
	exit 1
fi
echo "lint: nothing found"
