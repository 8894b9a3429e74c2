#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Says whether KVM runs the guest that tools/guest-image.sh makes: boots it, and waits for its word on the console, which
# comes within a second where KVM works. There are hosts whose /dev/kvm opens and whose guests hang.
# Usage: tools/kvm-probe.sh FOLDER; status 0 when it works.
set -eu
folder=$1
bound=8 # seconds
by="so the guest runs by software emulation (TCG)."
if [ "$(uname -m)" != x86_64 ]; then
	echo "This host cannot run x86_64 guests by KVM, $by"
elif [ ! -e /dev/kvm ]; then
	echo "This host has no KVM (/dev/kvm is not there), $by"
elif [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
	echo "This user may not open /dev/kvm (the group kvm may), $by"
elif timeout -k 2 $bound qemu-system-x86_64 -accel kvm -nodefaults -no-user-config -display none -m 192 -no-reboot \
	-kernel "$folder/vmlinuz" -initrd "$folder/initrd" -append "console=ttyS0 quiet vireo.hello" -serial stdio \
	</dev/null 2>/dev/null | grep -q "Hello from Linux"; then
	echo "KVM works here: the guest runs by it."
	exit 0
else
	echo "KVM is here but does not boot the guest (nothing came from it within $bound s), $by"
fi
exit 1
