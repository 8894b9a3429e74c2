# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls that name, describe, measure and start domains, through unmodified clients."""
import os
import signal
import subprocess
import struct
import threading
import unittest

import libvirt

from test_connection import PROC_OPEN, packet, receive
from vireotest import GuestTest, Watcher, qemu_pids

XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><vcpu current='1'>2</vcpu>
<metadata><a:x xmlns:a='urn:a'><a:y>1</a:y></a:x></metadata>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
<interface type='user'><mac address='52:54:00:11:22:33'/></interface><serial type='pty'/></devices></domain>"""
LIVE, CONFIG, MAXIMUM = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG, 4
ELEMENT = libvirt.VIR_DOMAIN_METADATA_ELEMENT


class CallTest(GuestTest):
    def setUp(self):
        super().setUp()
        self.disk = f"{self.daemon.root}/disk.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", self.disk, "64M"], check=True)

    def xml(self, name):
        return XML.format(name=name, disk=self.disk)

    def define(self, name="one"):
        return self.conn.defineXML(self.xml(name))

    def paused(self, name="one"):
        domain = self.define(name)
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        return domain


class Describe(CallTest):
    def test_metadata(self):
        domain = self.define()
        self.assertEqual(domain.metadata(ELEMENT, "urn:a"), "<x>\n  <y>1</y>\n</x>")
        domain.setMetadata(ELEMENT, "<foo b='1'><c/></foo>", "k", "urn:k", CONFIG)
        self.assertIn('<k:foo xmlns:k="urn:k" b="1">\n      <k:c/>\n    </k:foo>', domain.XMLDesc())
        domain.setMetadata(ELEMENT, "<foo/>", "k", "urn:k", CONFIG)
        self.assertEqual(domain.XMLDesc().count("urn:k"), 1)
        self.restart(signal.SIGKILL)
        domain = self.conn.lookupByName("one")
        self.assertEqual(domain.metadata(ELEMENT, "urn:k"), "<foo/>")
        domain.setMetadata(ELEMENT, None, None, "urn:k", CONFIG)
        domain.setMetadata(ELEMENT, None, None, "urn:a", CONFIG)
        self.assertNotIn("metadata", domain.XMLDesc())
        self.assertError(libvirt.VIR_ERR_NO_DOMAIN_METADATA, "not present", domain.metadata, ELEMENT, "urn:a")

    def test_metadata_of_a_running_guest_and_of_its_definition(self):
        domain = self.paused()
        title = libvirt.VIR_DOMAIN_METADATA_TITLE
        domain.setMetadata(title, "both", None, None, LIVE | CONFIG)
        domain.setMetadata(title, "now", None, None, LIVE)
        self.assertEqual((domain.metadata(title, None, LIVE), domain.metadata(title, None, CONFIG)), ("now", "both"))
        self.restart(signal.SIGKILL)
        domain = self.conn.lookupByName("one")
        self.assertEqual(domain.metadata(title, None, LIVE), "now")
        domain.destroy()
        self.assertEqual(domain.metadata(title, None), "both")
        self.assertError(libvirt.VIR_ERR_OPERATION_INVALID, "not running", domain.metadata, title, None, LIVE)

    def test_bad_metadata_changes_nothing(self):
        domain = self.define()
        before = domain.XMLDesc()
        arg = libvirt.VIR_ERR_INVALID_ARG
        self.assertError(libvirt.VIR_ERR_XML_DETAIL, "foo", domain.setMetadata, ELEMENT, "<foo", "k", "urn:k", CONFIG)
        self.assertError(arg, "prefix", domain.setMetadata, ELEMENT, "<foo/>", "1 k", "urn:k", CONFIG)
        self.assertError(libvirt.VIR_ERR_XML_ERROR, "DOCTYPE", domain.setMetadata, ELEMENT, "<!DOCTYPE x><foo/>", "k", "urn:k", CONFIG)
        self.assertError(arg, "newlines", domain.setMetadata, libvirt.VIR_DOMAIN_METADATA_TITLE, "a\nb", None, None, CONFIG)
        self.assertEqual(domain.XMLDesc(), before)

    def test_rename(self):
        domain = self.define()
        domain.setAutostart(1)
        domain.rename("two")
        folder = f"{self.daemon.root}/etc/qemu"
        self.assertEqual(sorted(os.listdir(folder)), ["autostart", "two.xml"])
        self.restart(signal.SIGKILL)
        domain = self.conn.lookupByName("two")
        self.assertEqual(domain.autostart(), 1)
        invalid = libvirt.VIR_ERR_OPERATION_INVALID
        self.conn.defineXML(self.xml("other"))
        self.assertError(invalid, "itself", domain.rename, "two")
        self.assertError(invalid, "exists", domain.rename, "other")
        self.assertError(libvirt.VIR_ERR_XML_ERROR, "/", domain.rename, "a/b")
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        self.assertError(invalid, "active", domain.rename, "three")

    def test_rename_cut_short_is_healed(self):
        """Both files exist when the daemon dies between writing the new one and removing the old one."""
        self.define()
        folder = f"{self.daemon.root}/etc/qemu"
        self.daemon.stop(signal.SIGKILL)
        with open(f"{folder}/one.xml") as old, open(f"{folder}/two.xml", "w") as new:
            new.write(old.read().replace("<name>one</name>", "<name>two</name>"))
        os.utime(f"{folder}/one.xml", (1, 1))
        self.restart()
        self.assertEqual([d.name() for d in self.conn.listAllDomains()], ["two"])
        self.assertFalse(os.path.exists(f"{folder}/one.xml"))

    def test_memory(self):
        domain = self.define()
        domain.setMaxMemory(50000)
        self.assertEqual(domain.info()[1:3], [50000, 50000])
        domain.setMemoryFlags(40000, CONFIG)
        self.assertEqual(domain.info()[1:3], [50000, 40000])
        self.assertError(libvirt.VIR_ERR_INVALID_ARG, "higher than max", domain.setMemoryFlags, 60000, CONFIG)
        self.assertError(libvirt.VIR_ERR_OPERATION_INVALID, "not running", domain.setMemory, 40000)


class Transient(CallTest):
    def test_create(self):
        domain = self.conn.createXML(self.xml("t"), libvirt.VIR_DOMAIN_START_PAUSED)
        self.assertEqual((domain.isPersistent(), domain.isActive()), (0, 1))
        invalid = libvirt.VIR_ERR_OPERATION_INVALID
        self.assertError(invalid, "transient", domain.undefine)
        self.assertError(invalid, "transient", domain.setAutostart, 1)
        self.assertError(libvirt.VIR_ERR_OPERATION_FAILED, "already exists", self.conn.createXML, self.xml("t"), 1)
        self.assertError(invalid, "already active", self.conn.createXML, domain.XMLDesc(), 1)
        self.restart(signal.SIGKILL)
        domain = self.conn.lookupByName("t")
        self.assertEqual((domain.isPersistent(), domain.state()), (0, [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER]))
        domain.destroy()
        self.assertEqual(self.conn.listAllDomains(), [])

    def test_create_of_a_defined_domain_keeps_its_definition(self):
        domain = self.define()
        changed = domain.XMLDesc().replace("<vcpu", "<title>only now</title><vcpu").replace("</description>", "")
        self.conn.createXML(changed, libvirt.VIR_DOMAIN_START_PAUSED)
        self.assertIn("only now", domain.XMLDesc())
        self.assertNotIn("only now", domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        domain.destroy()
        self.assertEqual(domain.isPersistent(), 1)

    def test_failed_create_leaves_nothing(self):
        xml = self.xml("bad").replace(self.disk, "/no/such/disk")
        self.assertError(libvirt.VIR_ERR_INTERNAL_ERROR, "/no/such/disk", self.conn.createXML, xml, 0)
        self.assertEqual(self.conn.listAllDomains(), [])
        self.assertEqual(os.listdir(f"{self.daemon.root}/run/qemu"), [])

    def test_autodestroy_with_the_connection(self):
        other = libvirt.open(self.daemon.uri)
        other.createXML(self.xml("auto"), libvirt.VIR_DOMAIN_START_PAUSED | libvirt.VIR_DOMAIN_START_AUTODESTROY)
        with Watcher(self.daemon.uri) as seen:
            other.close()
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertEqual(self.conn.listAllDomains(), [])

    def test_autodestroy_with_the_daemon(self):
        flags = libvirt.VIR_DOMAIN_START_PAUSED | libvirt.VIR_DOMAIN_START_AUTODESTROY
        self.define().createWithFlags(flags)
        self.daemon.stop(signal.SIGKILL)
        self.restart()
        with Watcher(self.daemon.uri) as seen:
            if self.conn.lookupByName("one").isActive():
                seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertEqual(qemu_pids(self.daemon.root), [])

    def test_autostart_once_after_a_start_of_the_host(self):
        self.define().setAutostart(1)
        self.restart()
        self.assertEqual(self.conn.lookupByName("one").isActive(), 0)  # the daemon alone was restarted
        self.daemon.stop()
        os.unlink(f"{self.daemon.root}/run/autostarted")  # as a start of the host does
        self.restart()
        with Watcher(self.daemon.uri) as seen:
            if not self.conn.lookupByName("one").isActive():
                seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STARTED)
        self.assertEqual(self.conn.lookupByName("one").isActive(), 1)


class Silent(CallTest):
    def test_a_guest_that_hangs_outlives_a_restart(self):
        """It is kept as it was, and known again once it answers."""
        self.paused().resume()
        pid = qemu_pids(self.daemon.root)[0]
        os.kill(pid, signal.SIGSTOP)
        self.daemon.stop(signal.SIGKILL)
        status = f"{self.daemon.root}/run/qemu/one.xml"
        with open(status) as old:
            text = old.read()
        with open(status, "w") as new:  # so that its answer is news
            new.write(text.replace("<domstatus state='running'", "<domstatus state='paused'", 1))
        self.restart()
        domain = self.conn.lookupByName("one")
        self.assertEqual((domain.isActive(), domain.state()[0]), (1, libvirt.VIR_DOMAIN_PAUSED))
        self.assertEqual(domain.controlInfo()[0], libvirt.VIR_DOMAIN_CONTROL_ERROR)
        self.assertError(libvirt.VIR_ERR_OPERATION_TIMEOUT, "has not answered", domain.suspend)
        with Watcher(self.daemon.uri) as seen:
            os.kill(pid, signal.SIGCONT)
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_RESUMED)
        self.assertEqual(qemu_pids(self.daemon.root), [pid])
        self.assertIn("tty='/dev/pts", domain.XMLDesc())
        domain.suspend()
        self.assertEqual(domain.state()[0], libvirt.VIR_DOMAIN_PAUSED)

    def test_a_guest_that_hangs_can_be_destroyed(self):
        self.paused()
        os.kill(qemu_pids(self.daemon.root)[0], signal.SIGSTOP)
        self.restart(signal.SIGKILL)
        self.conn.lookupByName("one").destroy()
        self.assertEqual(qemu_pids(self.daemon.root), [])


class Figures(CallTest):
    def test_domstats(self):
        domain = self.paused()
        self.conn.defineXML(self.xml("off"))
        stats = {d.name(): s for d, s in self.conn.getAllDomainStats()}
        one, off = stats["one"], stats["off"]
        self.assertEqual((one["state.state"], one["state.reason"]), (3, 1))
        self.assertEqual((one["vcpu.current"], one["vcpu.maximum"], one["vcpu.0.state"]), (1, 2, 1))
        self.assertEqual((one["balloon.current"], one["balloon.maximum"]), (65536, 65536))
        self.assertGreater(one["balloon.rss"], 1024)
        self.assertEqual(one["balloon.last-update"], 0)
        self.assertEqual((one["block.count"], one["block.0.name"], one["block.0.path"]), (2, "vda", self.disk))
        self.assertEqual((one["block.0.capacity"], one["block.0.rd.reqs"], one["block.1.rd.reqs"]), (64 << 20, 0, 0))
        self.assertEqual(one["net.count"], 1)
        self.assertEqual((off["state.state"], off["block.0.capacity"], off["vcpu.maximum"]), (5, 64 << 20, 2))
        self.assertNotIn("cpu.time", off)
        only = self.conn.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE)
        self.assertEqual([(d.name(), sorted(s)) for d, s in only], [("one", ["state.reason", "state.state"])])
        self.assertEqual(self.conn.domainListGetStats([domain])[0][1]["state.state"], 3)
        self.assertError(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "0x80", self.conn.getAllDomainStats, libvirt.VIR_DOMAIN_STATS_IOTHREAD,
                         libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS)

    def test_a_guest_that_hangs_does_not_hide_the_others(self):
        self.paused()
        hung = qemu_pids(self.daemon.root)[0]
        raw = f"{self.daemon.root}/disk.raw"
        subprocess.run(["truncate", "-s", "1M", raw], check=True)
        two = self.conn.defineXML(self.xml("two").replace(self.disk, raw).replace("qcow2", "raw"))
        two.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        os.kill(hung, signal.SIGSTOP)
        stats = {d.name(): s for d, s in self.conn.getAllDomainStats()}
        self.assertEqual(stats["one"]["state.state"], 3)
        self.assertNotIn("block.0.rd.reqs", stats["one"])
        self.assertEqual(stats["two"]["block.0.rd.reqs"], 0)
        os.kill(hung, signal.SIGCONT)
        self.assertIn("block.0.rd.reqs", {d.name(): s for d, s in self.conn.getAllDomainStats()}["one"])

    def test_single_calls(self):
        domain = self.paused()
        self.assertEqual(domain.blockStats("vda"), (0, 0, 0, 0, -1))
        self.assertEqual(domain.blockStatsFlags("")["rd_operations"], 0)
        self.assertEqual(domain.blockInfo("vda")[0], 64 << 20)
        self.assertEqual(domain.memoryStats()["actual"], 65536)
        self.assertEqual((domain.maxVcpus(), domain.vcpusFlags(LIVE), domain.vcpusFlags(CONFIG | MAXIMUM)), (2, 1, 2))
        cpus = os.sysconf("SC_NPROCESSORS_ONLN")
        self.assertEqual(domain.vcpus()[1], [(True,) * cpus])
        self.assertEqual((domain.controlInfo(), domain.jobInfo(), domain.jobStats()), ([0, 0, 0], [0] * 12, {"type": 0}))
        arg = libvirt.VIR_ERR_INVALID_ARG
        self.assertError(arg, "zzz", domain.blockStats, "zzz")
        self.assertError(arg, "zzz", domain.blockInfo, "zzz")
        self.assertError(arg, "vnet0", domain.interfaceStats, "vnet0")
        self.assertError(arg, "mutually exclusive", domain.vcpusFlags, LIVE | CONFIG)
        domain.destroy()
        for call in (domain.memoryStats, domain.maxVcpus, domain.vcpus, domain.jobInfo, domain.controlInfo):
            self.assertError(libvirt.VIR_ERR_OPERATION_INVALID, "domain", call)

    def test_host(self):
        self.assertEqual(sorted(self.conn.getCPUStats(-1)), ["idle", "iowait", "kernel", "user"])
        self.assertGreater(self.conn.getMemoryStats(-1)["total"], 1024)
        self.assertGreater(self.conn.getFreeMemory(), 0)
        self.assertEqual(self.conn.getCPUMap()[2], os.sysconf("SC_NPROCESSORS_ONLN"))
        self.assertError(libvirt.VIR_ERR_INVALID_ARG, "9999", self.conn.getCPUStats, 9999)
        capabilities = self.conn.getCapabilities()
        self.assertIn("<arch name='x86_64'>", capabilities)
        self.assertIn("<machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>", capabilities)
        # virt-install takes the first
        first = capabilities[capabilities.index("<machine", capabilities.index("<arch name='x86_64'>\n      <wordsize")):]
        self.assertTrue(first.startswith("<machine maxCpus='255'>pc-i440fx-"), first[:80])

    def test_native(self):
        argv = self.conn.domainXMLToNative("qemu-argv", self.xml("n"))
        self.assertIn("qemu-system-x86_64", argv)
        self.assertIn(self.disk, argv)
        timers = "<clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='pit' tickpolicy='delay'/>" \
                 "<timer name='hpet' present='no'/></clock><devices>"
        argv = self.conn.domainXMLToNative("qemu-argv", self.xml("n").replace("<devices>", timers))
        for part in ("driftfix=slew", "kvm-pit.lost_tick_policy=delay", "hpet=off"):
            self.assertIn(part, argv)
        self.assertError(libvirt.VIR_ERR_INVALID_ARG, "xen-xl", self.conn.domainXMLToNative, "xen-xl", self.xml("n"))
        self.assertEqual(self.conn.listAllDomains(), [])

    def test_kinds_that_nothing_serves(self):
        self.assertEqual((self.conn.listAllNetworks(), self.conn.listAllStoragePools(), self.conn.listAllSecrets()), ([], [], []))
        self.assertError(libvirt.VIR_ERR_NO_NETWORK, "no network with matching name 'x'", self.conn.networkLookupByName, "x")
        self.assertError(libvirt.VIR_ERR_NO_NWFILTER, "'x'", self.conn.nwfilterLookupByName, "x")
        self.assertEqual(self.define().listAllSnapshots(), [])


class Events(CallTest):
    def test_definitions_and_metadata(self):
        changes, changed = [], threading.Event()

        def on_metadata(_conn, domain, kind, uri, _opaque):
            changes.append((domain.name(), kind, uri))
            changed.set()
        with Watcher(self.daemon.uri) as seen:
            seen.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, on_metadata, None)
            domain = self.define()
            domain.setMetadata(ELEMENT, "<foo/>", "k", "urn:k", CONFIG)
            domain.rename("two")
            domain.undefine()
            self.assertTrue(changed.wait(60))
            seen.wait_for_count(4)
        defined, undefined = libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED
        self.assertEqual(seen.seen, [("one", defined), ("one", undefined), ("two", defined), ("two", undefined)])
        self.assertEqual(changes, [("one", ELEMENT, "urn:k")])

    def test_the_older_form(self):
        """A client that knows no callback ids gets messages without them."""
        import socket
        sock = socket.socket(socket.AF_UNIX)
        self.addCleanup(sock.close)
        sock.settimeout(60)
        sock.connect(self.daemon.socket)
        sock.sendall(packet(PROC_OPEN, struct.pack(">II", 0, 0)))
        self.assertEqual(receive(sock)[3], 0)
        register, deregister, lifecycle = 105, 106, 107
        sock.sendall(packet(register))
        self.assertEqual(receive(sock)[3:], (0, struct.pack(">I", 1)))
        sock.sendall(packet(register))
        self.assertEqual(receive(sock)[3], 1)
        domain = self.define()
        procedure, kind, _, _, payload = receive(sock)
        self.assertEqual((procedure, kind), (lifecycle, 2))
        self.assertEqual(payload, struct.pack(">I", 3) + b"one\0" + domain.UUID() + struct.pack(">iii", -1, 0, 0))
        sock.sendall(packet(deregister))
        self.assertEqual(receive(sock)[3:], (0, struct.pack(">I", 0)))


if __name__ == "__main__":
    unittest.main()
