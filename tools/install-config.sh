#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs a file where none is yet: what an administrator has changed stays.
# Usage (by meson, with DESTDIR and MESON_BUILD_ROOT set): tools/install-config.sh FILE-IN-BUILD-FOLDER TARGET-FOLDER
set -eu
target=${DESTDIR:-}$2/$(basename "$1")
[ ! -e "$target" ] || exit 0
mkdir -p "${DESTDIR:-}$2"
cp "$MESON_BUILD_ROOT/$1" "$target"
chmod 644 "$target"
