#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares Vireo with libvirt 9.0: each document beside this file is defined and started (paused) by both; what they
print must be equal, and what libvirt refuses must be refused with the same error code.

Usage: tests/differential/run.py [NAME...]     (as root; runs itself again beside a private libvirtd)

Taken out before the comparison is only what differs from run to run, and what Vireo does not keep yet (ROWS below).
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
DISKS = ("vda", "vdb", "vdz", "hda", "hdb", "hdc", "hdd", "sda", "sdb", "sdc", "sdg", "sdh")

# pattern, replacement: what is of one run, or of the two daemons' surroundings
RUN = [
    (r"<domain type='qemu' id='\d+'>", "<domain type='qemu' id='N'>"),
    (r"/dev/pts/\d+", "/dev/pts/N"),
    (r"path='[^']*/channel/target/domain-\d+-[^/]*/", "path='CHANNELS/"),
    (r" port='59\d\d' autoport='yes'", " port='N' autoport='yes'"),
]
# what the live view of libvirt has and Vireo does not keep yet: see docs/compatibility.md
ROWS = [
    (r"  <resource>.*?</resource>\n", ""),
    (r"  <seclabel .*?</seclabel>\n", ""),
    (r" index='\d+'/>\n      <backingStore/>", "/>"),
    (r" state='disconnected'", ""),
    (r"  <cpu mode='custom' match='exact' check='full'>.*?</cpu>", "  CPU"),
    (r"  <cpu mode='custom' match='exact' check='(none|partial)'>.*?</cpu>", "  CPU"),
]


def plain(xml, rows):
    for pattern, replacement in rows:
        xml = re.sub(pattern, replacement, xml, flags=re.S)
    return xml


def answers(libvirt, conn, xml):
    """What a daemon makes of a document: [(view, text)], or the code of its refusal."""
    try:
        domain = conn.defineXML(xml)
    except libvirt.libvirtError as error:
        return [("refusal", f"error code {error.get_error_code()}\n")]
    views = [("definition", plain(domain.XMLDesc(), RUN))]
    try:
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        views.append(("running guest", plain(domain.XMLDesc(), RUN + ROWS)))
        domain.destroy()
    except libvirt.libvirtError as error:
        views.append(("start", f"{error}\n"))
    domain.undefine()
    return views


def compare(libvirt, ours, peer, path, folder):
    """The differences as text; empty when there are none."""
    with open(path) as source:
        xml = source.read().replace("@FOLDER@", folder)
    name, found = os.path.basename(path), []
    a, b = answers(libvirt, peer, xml), answers(libvirt, ours, xml)
    if [view for view, _ in a] != [view for view, _ in b]:
        return f"{name}: libvirt: {a[-1]}\n  Vireo: {b[-1]}\n"
    for (view, theirs), (_, mine) in zip(a, b):
        found += difflib.unified_diff(theirs.splitlines(True), mine.splitlines(True), f"{name} ({view}), libvirt",
                                      f"{name} ({view}), Vireo")
    return "".join(found)


def inside(names):
    sys.path.insert(0, f"{TESTS}/system")
    import libvirt
    from vireotest import Daemon
    libvirt.registerErrorHandler(lambda *_: None, None)
    paths = sorted(f"{HERE}/{name}" for name in os.listdir(HERE) if name.endswith(".xml"))
    if names:
        paths = [path for path in paths if os.path.basename(path)[:-4] in names]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="vireo-differential-") as folder:
        os.chmod(folder, 0o777)  # libvirt's QEMU is not root
        for disk in DISKS:
            subprocess.run(["truncate", "-s", "1M", f"{folder}/{disk}.raw"], check=True)
        daemon = Daemon(f"{folder}/vireo")
        os.mkdir(daemon.root)
        daemon.start()
        with libvirt.open(daemon.uri) as ours, libvirt.open("qemu:///system") as peer:
            for path in paths:
                text = compare(libvirt, ours, peer, path, folder)
                failed += bool(text)
                sys.stdout.write(text)
        daemon.stop()
    print(f"{len(paths) - failed} of {len(paths)} documents are equal")
    return 1 if failed or not paths else 0


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside(sys.argv[2:])
    if os.geteuid() != 0:
        print("a private libvirtd needs root")
        return 77  # skipped
    harness = f"{TESTS}/peer/with-peer"
    os.execv(harness, [harness, "/usr/bin/python3", os.path.abspath(__file__), "--inside", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
