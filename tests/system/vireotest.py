# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private vireod for a test: started under a folder of its own, gone with all it made afterwards."""
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import libvirt

BUILD = os.environ["VIREO_BUILD"]
libvirt.registerErrorHandler(lambda *_: None, None)


class Daemon:
    """One vireod --root FOLDER. Its readiness is told over a notify socket, so nothing polls."""

    def __init__(self, root):
        self.root = root
        self.program = f"{BUILD}/vireod"
        self.socket = f"{root}/run/vireo-sock"
        self.uri = f"qemu:///system?socket={self.socket}"
        self.readonly_uri = f"qemu:///system?socket={self.socket}-ro"
        self.process = None
        self.pass_fds = ()

    def start(self, *words):
        path = f"{self.root}/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(60)
            self.process = subprocess.Popen([self.program, "--root", self.root, *words],
                                            env={**os.environ, "NOTIFY_SOCKET": path},
                                            pass_fds=self.pass_fds)
            exited = os.pidfd_open(self.process.pid)
            try:
                ready, _, _ = select.select([notify, exited], [], [], 60)
            finally:
                os.close(exited)
            message = notify.recv(4096) if notify in ready else b""
        os.unlink(path)
        if b"READY=1" not in message:
            raise AssertionError(f"vireod ended with status {self.stop()} before it was ready")

    def stop(self, sig=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sig)
            status = self.process.wait(timeout=60)
            self.process = None
            return status
        return None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def qemu_pids(root):
    """Processes of QEMU that belong to the daemon under ROOT (zombies are gone guests)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if "/qemu-system-" not in os.readlink(f"/proc/{pid}/exe"):
                continue
            # its log is a file of the daemon's
            if any(os.readlink(f"/proc/{pid}/fd/{fd}").startswith(root) for fd in os.listdir(f"/proc/{pid}/fd")):
                found.append(int(pid))
        except OSError:
            pass
    return found


class DaemonTest(unittest.TestCase):
    """A test case with a daemon; checks that a clean end leaves no socket."""

    configure = ""  # what its vireod.conf says; {root} is the daemon's folder

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vireo-test-")
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.end_guests)
        if self.configure:
            os.mkdir(f"{folder.name}/etc")
            with open(f"{folder.name}/etc/vireod.conf", "w") as out:
                out.write(self.configure.replace("{root}", folder.name))
        self.daemon = Daemon(folder.name)
        self.daemon.start()
        self.addCleanup(self.end_daemon)

    def end_guests(self):
        """Guests that a failed test has left behind."""
        for pid in qemu_pids(self.daemon.root):
            os.kill(pid, signal.SIGKILL)

    def end_daemon(self):
        status = self.daemon.stop()
        if status is not None:
            self.assertEqual(status, 0, "vireod did not end cleanly")
            self.assertFalse(os.path.exists(self.daemon.socket), "a socket is left behind")

    def virsh(self, *words, readonly=False):
        """Runs Debian's virsh; returns (status, stdout, stderr)."""
        uri = self.daemon.readonly_uri if readonly else self.daemon.uri
        run = subprocess.run(["virsh", "-c", uri, *words], capture_output=True, text=True, timeout=120)
        return run.returncode, run.stdout.strip(), run.stderr.strip()

    def assertError(self, code, text, call, *args):
        with self.assertRaises(libvirt.libvirtError) as caught:
            call(*args)
        self.assertEqual(caught.exception.get_error_code(), code, caught.exception)
        self.assertIn(text, str(caught.exception))


class GuestTest(DaemonTest):
    """A test case with a connection, whose guests end with it."""

    def setUp(self):
        super().setUp()
        self.conn = libvirt.open(self.daemon.uri)
        self.addCleanup(self.clean)

    def clean(self):
        """Ends all guests, also those that a test has stopped."""
        for pid in qemu_pids(self.daemon.root):
            os.kill(pid, signal.SIGCONT)
        if not self.daemon.process:
            self.daemon.start()
        with libvirt.open(self.daemon.uri) as conn:
            for domain in conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
                domain.destroy()
        self.close()

    def close(self):
        try:
            self.conn.close()
        except libvirt.libvirtError:
            pass

    def reconnect(self):
        """Starts a daemon after the one that ended, and connects to it."""
        self.close()
        self.daemon.start()
        self.conn = libvirt.open(self.daemon.uri)

    def restart(self, sig=signal.SIGTERM):
        self.daemon.stop(sig)
        self.reconnect()


class Watcher:
    """Collects lifecycle events of one connection in a thread of its own."""

    registered = False

    def __init__(self, uri):
        if not Watcher.registered:
            libvirt.virEventRegisterDefaultImpl()
            Watcher.registered = True
            threading.Thread(target=self.loop, daemon=True).start()
        self.seen, self.changed = [], threading.Condition()
        self.conn = libvirt.open(uri)
        self.id = self.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self.on_event, None)

    @staticmethod
    def loop():
        while True:
            libvirt.virEventRunDefaultImpl()

    def on_event(self, _conn, domain, event, _detail, _opaque):
        with self.changed:
            self.seen.append((domain.name(), event))
            self.changed.notify_all()

    def wait_for(self, event):
        with self.changed:
            if not self.changed.wait_for(lambda: any(e == event for _, e in self.seen), timeout=60):
                raise AssertionError(f"event {event} did not come; seen: {self.seen}")

    def wait_for_count(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.seen) >= count, timeout=60):
                raise AssertionError(f"{count} events did not come; seen: {self.seen}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.conn.domainEventDeregisterAny(self.id)
        self.conn.close()
