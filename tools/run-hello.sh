#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Starts a private daemon, defines and starts examples/hello.xml with Debian's virsh, shows it and cleans up.
# Usage: tools/run-hello.sh BUILD-FOLDER
set -eu
build=$1
root=$(mktemp -d)
"$build/vireod" --root "$root" -v 2>"$root/vireod.log" &
daemon=$!
path=$([ "$(id -u)" = 0 ] && echo system || echo session)
uri="qemu:///$path?socket=$root/run/vireo-sock"
vsh() { virsh -c "$uri" "$@"; }
finish() {
	vsh destroy hello >/dev/null 2>&1 || true
	kill "$daemon" && wait "$daemon" || true
	rm -rf "$root"
}
trap finish EXIT
tries=0
until vsh uri >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ $tries -gt 600 ] || ! kill -0 "$daemon" 2>/dev/null; then
		echo "run: the daemon does not answer:" >&2
		cat "$root/vireod.log" >&2
		exit 1
	fi
	sleep 0.1
done
echo "A private vireod answers at $uri. Defining examples/hello.xml (software emulation, TCG):"
vsh define examples/hello.xml
vsh start hello
vsh list --all
vsh dumpxml hello
vsh suspend hello
vsh domstate hello --reason
vsh resume hello
vsh destroy hello
vsh undefine hello
echo "The guest was defined, started, paused, resumed, ended and undefined. All of it is cleaned up."
