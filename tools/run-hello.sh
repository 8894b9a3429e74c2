#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Starts a private daemon, boots examples/hello.xml with the shell, shows its console until it powers off, cleans up.
# Usage: tools/run-hello.sh BUILD-FOLDER
set -eu
build=$1
root=$(mktemp -d)
path=$([ "$(id -u)" = 0 ] && echo system || echo session)
uri="qemu:///$path?socket=$root/run/vireo-sock"
vsh() { "$build/vireo" -c "$uri" "$@"; }

waiter=
finish() {
	trap '' INT TERM
	if [ -s "$root/run/vireod.pid" ]; then
		vsh destroy hello >/dev/null 2>&1 || true
		kill "$(cat "$root/run/vireod.pid")" || true
	fi
	[ -z "$waiter" ] || wait "$waiter" || true
	rm -rf "$root"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# the daemon holds one end of this pipe: who reads the other one waits for its end
mkfifo "$root/alive"
cat "$root/alive" &
waiter=$!
# this command ends when clients can connect
"$build/vireod" --root "$root" --daemon 9>"$root/alive"
echo "A private vireod answers at $uri."

tools/guest-image.sh "$build/guest"
if why=$(tools/kvm-probe.sh "$build/guest"); then
	type=kvm
else
	type=qemu
fi
echo "$why"
sed -e "s|@GUEST@|$(cd "$build/guest" && pwd)|" -e "s|type='qemu'|type='$type'|" examples/hello.xml >"$root/hello.xml"
vsh define "$root/hello.xml"
vsh start hello --paused
tty=$(vsh ttyconsole hello)
echo "The guest's serial console ($tty), until it powers off:"
echo
cat "$tty" 2>/dev/null & # its last read fails when the guest is gone
reader=$!
vsh resume hello >/dev/null
wait "$reader" || true
echo
vsh undefine hello
echo "The guest was defined, booted, and has powered off by itself. All of it is cleaned up."
