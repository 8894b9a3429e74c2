# SPDX-License-Identifier: LGPL-2.1-or-later
"""Definitions through unmodified clients, and through kill -9."""
import os
import random
import signal
import threading
import unittest

import libvirt

from vireotest import DaemonTest

XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os>{extra}</domain>"""


def xml(name, extra=""):
    return XML.format(name=name, extra=extra)


class Definitions(DaemonTest):
    def setUp(self):
        super().setUp()
        self.conn = libvirt.open(self.daemon.uri)
        self.addCleanup(lambda: self.conn.close())

    def path(self, name):
        return f"{self.daemon.root}/etc/qemu/{name}.xml"

    def test_virsh_session(self):
        source = f"{self.daemon.root}/one.xml"
        with open(source, "w") as out:
            out.write(xml("one", "<title>First</title>"))
        self.assertEqual(self.virsh("define", source)[0:2], (0, f"Domain 'one' defined from {source}"))
        self.assertEqual(self.virsh("list", "--all", "--name")[1], "one")
        self.assertIn("First", self.virsh("list", "--all", "--title")[1])
        self.assertEqual(self.virsh("domstate", "one", "--reason")[1], "shut off (unknown)")
        info = self.virsh("dominfo", "one")[1]
        for line in ("Name:           one", "OS Type:        hvm", "State:          shut off", "CPU(s):         1",
                     "Max memory:     65536 KiB", "Persistent:     yes", "Autostart:      disable", "Managed save:   no"):
            self.assertIn(line, info)
        self.assertEqual(self.virsh("domid", "one")[1], "-")
        self.assertIn("<title>First</title>", self.virsh("dumpxml", "one")[1])
        self.assertEqual(self.virsh("autostart", "one")[1], "Domain 'one' marked as autostarted")
        self.assertTrue(os.path.islink(f"{self.daemon.root}/etc/qemu/autostart/one.xml"))
        self.assertEqual(self.virsh("list", "--all", "--autostart", "--name")[1], "one")
        self.assertEqual(self.virsh("undefine", "one")[1], "Domain 'one' has been undefined")
        self.assertEqual(os.listdir(f"{self.daemon.root}/etc/qemu"), ["autostart"])
        self.assertEqual(os.listdir(f"{self.daemon.root}/etc/qemu/autostart"), [])

    def test_lookups_and_errors(self):
        domain = self.conn.defineXML(xml("look"))
        self.assertEqual(self.conn.lookupByUUIDString(domain.UUIDString()).name(), "look")
        self.assertEqual(self.conn.lookupByName("look").UUID(), domain.UUID())
        no_domain = libvirt.VIR_ERR_NO_DOMAIN
        self.assertError(no_domain, "Domain not found: no domain with matching name 'x'", self.conn.lookupByName, "x")
        self.assertError(no_domain, "no domain with matching id 7", self.conn.lookupByID, 7)
        self.assertError(libvirt.VIR_ERR_OPERATION_FAILED, "domain 'look' already exists with uuid " + domain.UUIDString(),
                         self.conn.defineXML, xml("look", "<uuid>3e3fce45-4f53-4fa7-bb32-11f34168b82b</uuid>"))
        domain.undefine()
        self.assertError(no_domain, domain.UUIDString(), domain.info)

    def test_redefine_keeps_the_domain(self):
        domain = self.conn.defineXML(xml("again"))
        self.conn.defineXML(xml("again", f"<uuid>{domain.UUIDString()}</uuid><title>second</title>"))
        self.assertIn("second", domain.XMLDesc())
        self.assertEqual(len(self.conn.listAllDomains()), 1)

    def test_bad_documents_change_nothing(self):
        for text, part in [("<domain", "(domain_definition)"), (xml("a/b"), "cannot contain '/'"), (xml("../up"), "'/'"),
                           (xml("lxc").replace("'qemu'", "'lxc'"), "'qemu' and 'kvm'"), (xml("linux").replace("hvm", "linux"), "os type 'linux'")]:
            with self.assertRaises(libvirt.libvirtError) as caught:
                self.conn.defineXML(text)
            self.assertIn(part, str(caught.exception))
        self.assertEqual(self.conn.listAllDomains(), [])
        self.assertEqual(os.listdir(f"{self.daemon.root}/etc/qemu"), ["autostart"])

    def test_unknown_parts_are_an_error_when_validating(self):
        self.assertError(libvirt.VIR_ERR_XML_INVALID_SCHEMA, "did you mean 'clock'", self.conn.defineXMLFlags,
                         xml("strict", "<clok offset='utc'/>"), libvirt.VIR_DOMAIN_DEFINE_VALIDATE)

    def test_passwords_only_where_asked_and_permitted(self):
        self.conn.defineXML(xml("pw", "<devices><graphics type='vnc' passwd='hidden'/></devices>"))
        self.assertNotIn("hidden", self.virsh("dumpxml", "pw")[1])
        self.assertIn("hidden", self.virsh("dumpxml", "--security-info", "pw")[1])
        status, _, text = self.virsh("dumpxml", "--security-info", "pw", readonly=True)
        self.assertEqual(status, 1)
        self.assertIn("operation forbidden", text)
        self.assertEqual(self.virsh("dumpxml", "pw", readonly=True)[0], 0)
        self.assertEqual(self.virsh("undefine", "pw", readonly=True)[0], 1)
        self.assertEqual(os.stat(self.path("pw")).st_mode & 0o777, 0o600)

    def test_broken_file_is_left_alone(self):
        self.conn.defineXML(xml("good"))
        self.conn.close()
        self.daemon.stop()
        with open(self.path("broken"), "w") as out:
            out.write("<domain")
        self.daemon.start()
        self.conn = libvirt.open(self.daemon.uri)  # closed in the end, as the first was here
        self.assertEqual([d.name() for d in self.conn.listAllDomains()], ["good"])
        with open(self.path("broken")) as text:
            self.assertEqual(text.read(), "<domain")


class KillNine(DaemonTest):
    """kill -9 at random moments of define and undefine: what was answered holds, nothing is half-written."""

    ROUNDS = int(os.environ.get("ROUNDS", "60"))

    def storm(self, conn, rng, known):
        """Runs calls until the daemon dies; KNOWN follows what was answered. Returns the name in doubt."""
        try:
            while True:
                name = f"d{rng.randrange(8)}"
                if name in known:
                    conn.lookupByName(name).undefine()
                    known.discard(name)
                else:
                    conn.defineXML(xml(name))
                    known.add(name)
        except libvirt.libvirtError:
            return name

    def killed_in_a_storm(self, rng, known):
        conn = libvirt.open(self.daemon.uri)
        timer = threading.Timer(rng.random() * 0.03, self.daemon.process.send_signal, (signal.SIGKILL,))
        timer.start()
        doubt = self.storm(conn, rng, known)
        timer.join()
        self.assertEqual(self.daemon.stop(signal.SIGKILL), -signal.SIGKILL)
        try:
            conn.close()
        except libvirt.libvirtError:
            pass
        return doubt

    def test_storm(self):
        seed = int(os.environ.get("SEED", "11"))
        rng, known = random.Random(seed), set()
        for number in range(self.ROUNDS):
            doubt = self.killed_in_a_storm(rng, known)
            self.daemon.start()
            with libvirt.open(self.daemon.uri) as fresh:
                found = {d.name() for d in fresh.listAllDomains()}
            with self.subTest(seed=seed, round=number, in_flight=doubt):
                self.assertEqual(found - {doubt}, known - {doubt})
                files = {f[:-4] for f in os.listdir(f"{self.daemon.root}/etc/qemu") if f.endswith(".xml")}
                self.assertEqual(files, found)
                self.assertFalse([f for f in os.listdir(f"{self.daemon.root}/etc/qemu") if f.startswith(".new-")])
            known = found


if __name__ == "__main__":
    unittest.main()
