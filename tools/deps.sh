#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs the Debian packages that building and testing need; does nothing where all are there.
# Usage: tools/deps.sh
set -eu
packages="gcc pkg-config meson ninja-build libglib2.0-dev libsystemd-dev libxml2-dev libjansson-dev libvirt-dev
libreadline-dev libcmocka-dev clang-format clang-tidy clang libclang-rt-14-dev python3 python3-libvirt
qemu-system-x86 qemu-utils libvirt-clients libvirt-daemon libvirt-daemon-system libvirt-daemon-driver-qemu
libvirt-daemon-driver-lxc dnsmasq-base dbus iproute2 busybox-static cpio xz-utils"
missing=
for package in $packages; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "deps: these packages are missing:$missing" >&2
	echo "deps: install them as root: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	exit 1
fi
