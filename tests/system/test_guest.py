# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real QEMU guests through unmodified clients: life, events, many at once, kill -9 of the daemon."""
import os
import random
import signal
import threading
import unittest

import libvirt

from vireotest import GuestTest, Watcher, qemu_pids

XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices><serial type='pty'/></devices></domain>"""


class Life(GuestTest):
    def test_states(self):
        domain = self.conn.defineXML(XML.format(name="life"))
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        self.assertEqual(domain.state(), [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER])
        self.assertEqual(self.conn.listDomainsID(), [domain.ID()])
        self.assertEqual(self.conn.lookupByID(domain.ID()).name(), "life")
        domain.resume()
        self.assertEqual(domain.state()[0], libvirt.VIR_DOMAIN_RUNNING)
        domain.suspend()
        domain.reset()
        live, config = domain.XMLDesc(), domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
        self.assertIn(f"id='{domain.ID()}'", live)
        self.assertIn("tty='/dev/pts/", live)
        self.assertNotIn("/dev/pts/", config)
        self.assertNotIn("<alias", config)
        with self.assertRaises(libvirt.libvirtError) as caught:
            domain.create()
        self.assertIn("domain is already running", str(caught.exception))
        domain.destroy()
        self.assertEqual(domain.state(), [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED])
        with self.assertRaises(libvirt.libvirtError) as caught:
            domain.destroy()
        self.assertEqual(caught.exception.get_error_code(), libvirt.VIR_ERR_OPERATION_INVALID)
        self.assertIn("domain is not running", str(caught.exception))

    def test_undefine_of_a_running_guest_leaves_it_running(self):
        domain = self.conn.defineXML(XML.format(name="stay"))
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        domain.undefine()
        self.assertTrue(domain.isActive())
        self.assertFalse(domain.isPersistent())
        domain.destroy()
        self.assertEqual(self.conn.listAllDomains(), [])

    def test_many_destroy_an_undefined_guest(self):
        """The first one removes the guest while the others wait for their turn on it."""
        domain = self.conn.defineXML(XML.format(name="gone"))
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        domain.undefine()
        conns = [libvirt.open(self.daemon.uri) for _ in range(4)]
        domains = [conn.lookupByName("gone") for conn in conns]
        together, outcomes = threading.Barrier(len(domains)), []

        def destroy(one):
            together.wait()
            try:
                one.destroy()
                outcomes.append(None)
            except libvirt.libvirtError as error:
                outcomes.append(error.get_error_code())

        threads = [threading.Thread(target=destroy, args=(one,)) for one in domains]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(outcomes.count(None), 1, outcomes)
        self.assertLessEqual(set(outcomes) - {None},
                             {libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_DOMAIN}, outcomes)
        self.assertEqual(self.conn.listAllDomains(), [])
        for conn in conns:
            conn.close()

    def test_guest_killed_from_outside(self):
        domain = self.conn.defineXML(XML.format(name="shot"))
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        with self.events() as seen:
            os.kill(qemu_pids(self.daemon.root)[0], signal.SIGKILL)
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertEqual(domain.state(), [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED])

    def events(self):
        return Watcher(self.daemon.uri)

    def test_events(self):
        domain = self.conn.defineXML(XML.format(name="told"))
        with self.events() as seen:
            domain.create()
            domain.suspend()
            domain.resume()
            domain.destroy()
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertEqual([e for _, e in seen.seen], [libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED,
                                                     libvirt.VIR_DOMAIN_EVENT_RESUMED, libvirt.VIR_DOMAIN_EVENT_STOPPED])

    def test_missing_emulator_is_named(self):
        with self.assertRaises(libvirt.libvirtError) as caught:
            domain = self.conn.defineXML(XML.format(name="none").replace("<devices>", "<devices><emulator>/no/qemu</emulator>"))
            domain.create()
        self.assertIn("/no/qemu", str(caught.exception))
        self.assertEqual(qemu_pids(self.daemon.root), [])

    def test_50_guests_by_8_clients(self):
        errors = []

        def client(numbers):
            try:
                with libvirt.open(self.daemon.uri) as conn:
                    for number in numbers:
                        domain = conn.defineXML(XML.format(name=f"many{number}"))
                        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
                        assert domain.isActive()
                        domain.destroy()
                        domain.undefine()
            except Exception as error:  # told to the main thread
                errors.append(error)
        threads = [threading.Thread(target=client, args=(range(k, 50, 8),)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(self.conn.listAllDomains(), [])
        self.assertEqual(qemu_pids(self.daemon.root), [])


class KillNine(GuestTest):
    """The daemon is killed at random moments inside a storm of starts and ends of guests; a fresh one starts at once, finds
    every guest that runs, and no QEMU is without an owner."""

    ROUNDS = int(os.environ.get("ROUNDS", "20"))
    NAMES = ["a", "b", "c"]

    def storm(self, rng):
        """Starts and ends guests until the daemon dies; returns the guest and the call that were in flight."""
        try:
            while True:
                name, call = rng.choice(self.NAMES), None
                domain = self.conn.lookupByName(name)
                if domain.isActive():
                    call = "destroy"
                    domain.destroy()
                else:
                    call = "create"
                    domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        except libvirt.libvirtError as error:
            self.assertIn(error.get_error_code(), (libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_ERR_INTERNAL_ERROR,
                                                   libvirt.VIR_ERR_RPC, libvirt.VIR_ERR_INVALID_CONN), str(error))
        return name, call

    def killed_in_a_storm(self, rng):
        timer = threading.Timer(rng.random() * 0.25, self.daemon.process.send_signal, (signal.SIGKILL,))
        timer.start()
        doubt = self.storm(rng)
        timer.join()
        self.assertEqual(self.daemon.stop(signal.SIGKILL), -signal.SIGKILL)
        self.reconnect()
        return doubt

    def settle(self, name, call):
        """A guest that was told to end before the kill may be ending still: see it through."""
        if call == "destroy":
            try:
                self.conn.lookupByName(name).destroy()
            except libvirt.libvirtError as error:
                self.assertEqual(error.get_error_code(), libvirt.VIR_ERR_OPERATION_INVALID, str(error))

    def test_storm(self):
        seed = int(os.environ.get("SEED", "3"))
        rng = random.Random(seed)
        for name in self.NAMES:
            self.conn.defineXML(XML.format(name=name))
        for number in range(self.ROUNDS):
            name, call = self.killed_in_a_storm(rng)
            with self.subTest(seed=seed, round=number, in_flight=f"{call} {name}"):
                self.settle(name, call)
                domains = self.conn.listAllDomains()
                self.assertEqual(sorted(d.name() for d in domains), self.NAMES)
                active = [d for d in domains if d.isActive()]
                self.assertEqual(len(qemu_pids(self.daemon.root)), len(active))
                for domain in active:
                    self.assertEqual(domain.state()[0], libvirt.VIR_DOMAIN_PAUSED)
                    self.assertIn("tty='/dev/pts/", domain.XMLDesc())


if __name__ == "__main__":
    unittest.main()
