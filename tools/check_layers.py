#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that includes never point back: each layer of src/ may use itself and what stands in its row.

Usage: tools/check_layers.py [SRC-FOLDER]
"""
import pathlib
import re
import sys

ROWS = {
    "base": set(), "loop": {"base"}, "model": {"base"}, "rpc": {"base", "loop"}, "host": {"base", "loop"},
    "core": {"base", "loop", "model", "rpc", "host"}, "drivers": {"base", "loop", "model", "host", "core"},
    "daemon": {"base", "loop", "model", "rpc", "host", "core", "drivers"}, "shell": {"base", "model", "rpc"},
}
INCLUDE = re.compile(r'#include "([a-z_]+)/')


def main():
    top = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    bad = 0
    for path in sorted(top.rglob("*.[ch]")):
        layer = path.relative_to(top).parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            # core/driver.h is what drivers fill; whatever else they need of the core, the driver_host gives
            if match and match[1] != layer and match[1] not in ROWS[layer]:
                print(f"{path}:{number}: {layer} must not use {match[1]}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
