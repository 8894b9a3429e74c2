#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Starts a private daemon, boots examples/hello.xml with Debian's virsh, shows its console until it powers off, cleans up.
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
trap 'exit 130' INT
trap 'exit 143' TERM
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
echo "A private vireod answers at $uri."
tools/guest-image.sh "$build/guest"
sed "s|@GUEST@|$(cd "$build/guest" && pwd)|" examples/hello.xml >"$root/hello.xml"
vsh define "$root/hello.xml"
vsh start hello --paused
tty=$(vsh dumpxml hello | sed -n "s/.*<serial type='pty' tty='\([^']*\)'.*/\1/p")
echo "The guest's serial console ($tty), by software emulation (TCG), until it powers off:"
echo
cat "$tty" 2>/dev/null & # its last read fails when the guest is gone
reader=$!
vsh resume hello >/dev/null
wait "$reader" || true
echo
vsh undefine hello
echo "The guest was defined, booted, and has powered off by itself. All of it is cleaned up."
