#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the whole suite through meson and closes with one line: N passed, N failed, N skipped.

Usage: tools/run_tests.py BUILD-FOLDER [meson test options]
Prints the output of what failed and nothing of what went well; exit status 1 when anything failed.
"""
import json
import subprocess
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def main():
    build = sys.argv[1]
    run = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", *sys.argv[2:]],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        with open(f"{build}/meson-logs/testlog.json") as log:
            results = [json.loads(line) for line in log]
    except OSError:
        results = []
    for result in results:
        outcome = result["result"]
        counts["passed" if outcome in PASSED else "skipped" if outcome in SKIPPED else "failed"] += 1
        if outcome in SKIPPED:
            print(f"skipped: {result['name']}: {result['stdout'].strip()}")
    if run.returncode != 0 or counts["failed"] or not results:
        print(run.stdout)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if run.returncode or counts["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
