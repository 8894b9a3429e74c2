# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real Linux guest, seen through its console as an unmodified client streams it."""
import os
import subprocess
import threading
import unittest

import libvirt

from vireotest import BUILD, GuestTest, Watcher

GUEST = os.environ["VIREO_BUILD"] + "/guest"
XML = f"""<domain type='qemu'><name>linux</name><memory unit='MiB'>192</memory>
<os><type arch='x86_64' machine='pc'>hvm</type><kernel>{GUEST}/vmlinuz</kernel><initrd>{GUEST}/initrd</initrd>
<cmdline>console=ttyS0 quiet panic=-1</cmdline></os>
<features><acpi/></features><on_reboot>{{on_reboot}}</on_reboot>
<devices><serial type='pty'/></devices></domain>"""


class Console:
    """A console as a blocking stream; reading has a deadline, so that a silent guest fails the test."""

    def __init__(self, domain, flags=0):
        self.stream = domain.connect().newStream()
        domain.openConsole(None, self.stream, flags)
        self.text = b""

    def wait_for(self, what, seconds=90):
        timer = threading.Timer(seconds, self.stream.abort)
        timer.start()
        try:
            while what not in self.text:
                piece = self.stream.recv(4096)
                if not piece:
                    raise AssertionError(f"the console ended; {what} is not in {self.text}")
                self.text += piece
            self.text = self.text.split(what, 1)[1]
        finally:
            timer.cancel()

    def send(self, line):
        self.stream.send(line + b"\n")


class Linux(GuestTest):
    @classmethod
    def setUpClass(cls):
        top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        subprocess.check_call([f"{top}/tools/guest-image.sh", GUEST])

    def boot(self, on_reboot="restart"):
        domain = self.conn.defineXML(XML.format(on_reboot=on_reboot))
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        console = Console(domain)
        domain.resume()
        console.wait_for(b"VIREO-GUEST-READY")
        return domain, console

    def test_session(self):
        domain, console = self.boot()
        console.send(b"hello there")
        console.wait_for(b"guest: hello there")
        with self.assertRaises(libvirt.libvirtError) as caught:
            Console(domain)
        self.assertIn("Active console session exists", str(caught.exception))
        console = Console(domain, libvirt.VIR_DOMAIN_CONSOLE_FORCE)
        domain.suspend()
        domain.resume()
        console.send(b"again")
        console.wait_for(b"guest: again")
        console.send(b"reboot")
        console.wait_for(b"VIREO-GUEST-READY")
        self.assertTrue(domain.isActive())
        with Watcher(self.daemon.uri) as seen:
            console.send(b"poweroff")
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertEqual(domain.state(), [libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN])

    def test_reboot_stops_where_the_definition_says_so(self):
        domain, console = self.boot(on_reboot="destroy")
        with Watcher(self.daemon.uri) as seen:
            console.send(b"reboot")
            seen.wait_for(libvirt.VIR_DOMAIN_EVENT_STOPPED)
        self.assertFalse(domain.isActive())


class MakeRun(unittest.TestCase):
    def test_it_shows_a_guest_that_boots(self):
        top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        run = subprocess.run(["tools/run-hello.sh", BUILD], cwd=top, capture_output=True, text=True, timeout=240)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("Hello from Linux", run.stdout)
        self.assertIn("All of it is cleaned up", run.stdout)


if __name__ == "__main__":
    unittest.main()
