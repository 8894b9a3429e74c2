#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Checks that C files are laid out as .clang-format says; `make fmt` mends them.
# Usage: tools/check_format.sh SOURCE-ROOT
cd "$1" && find src tests -name '*.[ch]' -exec clang-format --dry-run -Werror {} +
