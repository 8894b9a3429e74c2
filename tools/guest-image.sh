#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes a small Linux guest out of Debian's packages: FOLDER/vmlinuz and FOLDER/initrd. Does nothing where they are there
# and newer than this script; of several at once, one builds and the others wait for it.
# The guest prints VIREO-GUEST-READY on its first serial port, answers each line with "guest: LINE", and obeys the lines
# "poweroff" and "reboot". With "vireo.hello" on its command line it says hello and powers off.
# Usage: tools/guest-image.sh FOLDER
set -eu
script=$(readlink -f "$0")
mkdir -p "$1"
folder=$(cd "$1" && pwd)
exec 9>"$folder/lock"
flock 9
[ -s "$folder/vmlinuz" ] && [ "$folder/initrd" -nt "$script" ] && exit 0
rm -rf "$folder/work"
mkdir "$folder/work"
cd "$folder/work"
real_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1; }
package=$(real_package)
if [ -z "$package" ] && [ "$(id -u)" = 0 ]; then
	apt-get update >/dev/null 2>&1
	package=$(real_package)
fi
[ -n "$package" ] || { echo "guest-image: no package linux-image-cloud-amd64; run apt-get update" >&2; exit 1; }
apt-get -o APT::Sandbox::User=root download "$package" >/dev/null
dpkg-deb -x "$package"_*.deb kernel
mkdir -p root/bin root/dev root/proc root/sys
cp /bin/busybox root/bin/busybox
cat >root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /dev /proc /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
exec </dev/ttyS0 >/dev/ttyS0 2>&1
/bin/busybox stty -echo
if /bin/busybox grep -q vireo.hello /proc/cmdline; then
	echo "Hello from Linux $(/bin/busybox uname -r) in a guest of Vireo."
	/bin/busybox poweroff -f
fi
echo VIREO-GUEST-READY
while read -r line; do
	case "$line" in
	poweroff) /bin/busybox poweroff -f ;;
	reboot) /bin/busybox reboot -f ;;
	*) echo "guest: $line" ;;
	esac
done
INIT
chmod 755 root/init
(cd root && find . | cpio -o -H newc 2>/dev/null | gzip -1) >../initrd.new
cp kernel/boot/vmlinuz-* ../vmlinuz.new
cd "$folder"
rm -rf work
mv vmlinuz.new vmlinuz
mv initrd.new initrd # last: its date says that all is made
