# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shell beside Debian's virsh on one daemon: the same words must give the same answer and exit status."""
import json
import os
import subprocess
import unittest

import libvirt

from vireotest import BUILD, GuestTest

XML = """<domain type='qemu'><name>st</name><title>T1</title><memory unit='MiB'>64</memory><vcpu current='1'>2</vcpu>
<metadata><a:x xmlns:a='urn:a'><a:y>1</a:y></a:x></metadata>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
<disk type='file' device='disk'><source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
<interface type='user'><mac address='52:54:00:11:22:33'/></interface><graphics type='vnc'/><serial type='pty'/></devices></domain>"""

# asked of a domain that is shut off, and of one that runs
INACTIVE = ["list --all", "list --all --name", "list --all --title", "list --all --uuid", "dominfo st", "domid st", "domuuid st",
            "domname st", "domstate st --reason", "dumpxml st", "dumpxml nope", "nodeinfo", "hostname", "version", "maxvcpus",
            "freecell", "nodecpumap", "capabilities", "domstats st", "desc st", "desc st --title", "metadata st urn:a",
            "metadata st urn:b", "vcpucount st", "domblklist st", "domiflist st", "autostart st", "autostart st --disable",
            "net-list", "pool-list", "secret-list", "nwfilter-list", "help list", "help dumpxml", "help nothing", "list --bogus",
            "nosuch", "setmaxmem st 70000 --config", "setmem st 65536 --config", "console st", "ttyconsole st", "vncdisplay st",
            "domcontrol st", "shutdown st", "destroy st", "undefine nope", "domjobinfo st", "create /nonexist", "echo a b",
            "list --all; domid st", "domxml-to-native nonsense /dev/null"]
ACTIVE = ["list", "list --uuid", "list --id", "dominfo st", "domstate st --reason", "ttyconsole st", "vncdisplay st", "domdisplay st",
          "domcontrol st", "dommemstat st", "domblkstat st vda", "domblkstat st", "domifstat st vnet0", "domjobinfo st", "start st",
          "vcpucount st", "domid st", "dumpxml st", "dumpxml st --inactive", "qemu-monitor-command st --hmp 'info status'",
          "suspend st", "resume st", "suspend st"]


class Shell(GuestTest):
    def setUp(self):
        super().setUp()
        disk = f"{self.daemon.root}/disk.raw"
        subprocess.run(["truncate", "-s", "1M", disk], check=True)
        self.domain = self.conn.defineXML(XML.format(disk=disk))

    def run_shell(self, program, *words):
        run = subprocess.run([program, "-c", self.daemon.uri, *words], capture_output=True, text=True, timeout=120,
                             env={**os.environ, "LC_ALL": "C"})
        return run.returncode, run.stdout, run.stderr

    def vireo(self, *words):
        return self.run_shell(f"{BUILD}/vireo", *words)

    def compare(self, commands):
        for command in commands:
            with self.subTest(command=command):
                theirs = self.run_shell("virsh", command)
                ours = self.vireo(command)
                self.assertEqual(ours[:2], theirs[:2])
                # the shell may say more than virsh, as a cure; never less
                for line in filter(None, theirs[2].splitlines()):
                    self.assertIn(line.rstrip(), ours[2])

    def test_shut_off(self):
        self.compare(INACTIVE)

    def test_running(self):
        self.domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        self.compare(ACTIVE)

    def test_json(self):
        status, out, _ = self.vireo("--output", "json", "list", "--all")
        self.assertEqual((status, [d["name"] for d in json.loads(out)["domains"]]), (0, ["st"]))
        status, out, _ = self.vireo("--output", "json", "dominfo", "st")
        self.assertEqual(json.loads(out)["uuid"], self.domain.UUIDString())

    def test_explain_and_lint(self):
        self.assertIn("writethrough", self.vireo("explain", "domain/devices/disk/driver@cache")[1])
        path = f"{self.daemon.root}/bad.xml"
        with open(path, "w") as out:
            out.write("<domain type='qemu'><name>x</name><memory>1</memory><os><type>hvm</type></os>\n<devices><dsk/></devices></domain>")
        status, out, err = self.vireo("lint", path)
        self.assertEqual(status, 1)
        self.assertIn(f"{path}:2: domain/devices: unknown element 'dsk' ignored; did you mean 'disk'?", out + err)

    def test_life(self):
        for command, text in (("start st --paused", "Domain 'st' started"), ("resume st", "Domain 'st' resumed"),
                              ("destroy st", "Domain 'st' destroyed"), ("domrename st two", "Domain successfully renamed"),
                              ("undefine two", "Domain 'two' has been undefined")):
            status, out, err = self.vireo(command)
            self.assertEqual((status, out.strip(), err.strip()), (0, text, ""))


if __name__ == "__main__":
    unittest.main()
