# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program vireod: its options, its file, going to the background."""
import os
import select
import signal
import socket
import subprocess
import tempfile
import unittest

import libvirt

from vireotest import BUILD, Daemon


class DaemonCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vireo-test-")
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def configure(self, text):
        os.makedirs(f"{self.root}/etc", exist_ok=True)
        with open(f"{self.root}/etc/vireod.conf", "w") as out:
            out.write(text)

    def vireod(self, *words):
        return subprocess.run([f"{BUILD}/vireod", "--root", self.root, *words], capture_output=True, text=True,
                              timeout=60)

    def start(self, *words):
        daemon = Daemon(self.root)
        daemon.start(*words)
        self.addCleanup(daemon.stop)
        return daemon


class Options(DaemonCase):
    def test_what_only_prints(self):
        self.assertIn("--libvirt-sockets", self.vireod("--help").stdout)
        self.assertRegex(self.vireod("--version").stdout, r"^vireod \d+\.\d+\.\d+\n$")
        self.assertIn("\n#max_clients = 5000\n", self.vireod("--print-config").stdout)

    def test_mistakes(self):
        for words, told in [(["--no-such"], "unrecognized option"), (["word"], "unexpected argument 'word'"),
                            (["--config"], "requires an argument"), (["--config", "/none.conf"], "cannot open '/none.conf'")]:
            run = self.vireod(*words)
            self.assertEqual(run.returncode, 1)
            self.assertIn(told, run.stderr)


class Configuration(DaemonCase):
    def test_mistake_keeps_it_from_starting(self):
        self.configure("# mine\nlog_levl = \"info\"\n")
        run = self.vireod()
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"{self.root}/etc/vireod.conf, line 2: unknown key 'log_levl'; did you mean 'log_level'?", run.stderr)
        self.assertFalse(os.path.exists(f"{self.root}/run/vireo-sock"))

    def test_libvirt_sockets(self):
        self.configure("libvirt_sockets = 1")
        self.start()
        with libvirt.open(f"qemu:///system?socket={self.root}/run/libvirt/libvirt-sock") as conn:
            self.assertEqual(conn.getType(), "QEMU")

    def test_other_file(self):
        self.configure("nonsense")
        with open(f"{self.root}/other.conf", "w") as out:
            out.write("libvirt_sockets = 1\n")
        self.start("--config", f"{self.root}/other.conf")
        self.assertTrue(os.path.exists(f"{self.root}/run/libvirt/libvirt-sock"))

    def test_max_clients(self):
        self.configure("max_clients = 2")
        daemon = self.start()
        first, second = libvirt.open(daemon.uri), libvirt.open(daemon.uri)
        with socket.socket(socket.AF_UNIX) as third:
            # a keepalive ping: it is answered once there is room
            third.connect(daemon.socket)
            ping = (28).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in (0x6b656570, 1, 1, 2, 0, 0))
            third.sendall(ping)
            first.getHostname()
            second.getHostname()
            self.assertEqual(select.select([third], [], [], 0)[0], [])
            first.close()
            self.assertTrue(select.select([third], [], [], 60)[0])
            self.assertEqual(third.recv(4096)[:4], ping[:4])
        second.close()


class SocketActivation(DaemonCase):
    def test_given_sockets(self):
        """As systemd starts it: descriptors from 3 on, and their names."""
        self.configure("libvirt_sockets = 1")
        paths = [f"{self.root}/given", f"{self.root}/given-ro"]
        sockets = [socket.socket(socket.AF_UNIX) for _ in paths]
        for one, path in zip(sockets, paths):
            one.bind(path)
            one.listen()
        os.mkdir(f"{self.root}/bin")
        wrapper = f"{self.root}/bin/vireod"
        with open(wrapper, "w") as out:
            out.write(f"#!/bin/bash\nexport LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=vireo:vireo-ro\n"
                      f"exec {BUILD}/vireod \"$@\" 3<&{sockets[0].fileno()} 4<&{sockets[1].fileno()}\n")
        os.chmod(wrapper, 0o755)
        daemon = Daemon(self.root)
        daemon.program, daemon.pass_fds = wrapper, [one.fileno() for one in sockets]
        daemon.start()
        self.addCleanup(daemon.stop)
        for one in sockets:
            one.close()
        xml = "<domain type='qemu'><name>a</name><memory>65536</memory><os><type>hvm</type></os></domain>"
        with libvirt.open(f"qemu:///system?socket={paths[0]}") as conn:
            conn.defineXML(xml)
        with libvirt.open(f"qemu:///system?socket={paths[1]}") as conn:
            self.assertEqual(conn.lookupByName("a").name(), "a")
            with self.assertRaises(libvirt.libvirtError) as caught:
                conn.defineXML(xml)
            self.assertEqual(caught.exception.get_error_code(), libvirt.VIR_ERR_OPERATION_DENIED)
        with libvirt.open(f"qemu:///system?socket={self.root}/run/libvirt/libvirt-sock") as conn:
            self.assertEqual(len(conn.listAllDomains()), 1)
        self.assertFalse(os.path.exists(daemon.socket))
        daemon.stop()
        self.assertTrue(os.path.exists(paths[0]), "who gave a socket removes it")


class Background(DaemonCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.end_what_is_left)

    def end_what_is_left(self):
        for path in (f"{self.root}/run/vireod.pid", f"{self.root}/my.pid"):
            if os.path.exists(path):
                self.end(self.pid(path))

    def end(self, pid):
        """Ends the daemon with this number, which is no child of ours, and waits for that."""
        watch = os.pidfd_open(pid)
        os.kill(pid, signal.SIGTERM)
        self.assertTrue(select.select([watch], [], [], 60)[0])
        os.close(watch)

    def pid(self, path=None):
        with open(path or f"{self.root}/run/vireod.pid") as file:
            return int(file.read())

    def test_ready_when_the_command_ends(self):
        run = self.vireod("--daemon")
        said = [line for line in run.stderr.splitlines() if not line.startswith("==")]  # a sanitizer's greeting
        self.assertEqual((run.returncode, run.stdout, said), (0, "", []))
        with libvirt.open(f"qemu:///system?socket={self.root}/run/vireo-sock") as conn:
            self.assertEqual(conn.listAllDomains(), [])
        pid = self.pid()
        self.assertEqual(os.getsid(pid), pid)
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), f"{self.root}/log/vireod.log")
        self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        second = self.vireod("--daemon")
        self.assertEqual(second.returncode, 1)
        self.assertIn("another vireod uses", second.stderr)
        self.assertEqual(self.pid(), pid)
        self.end(pid)
        self.assertFalse(os.path.exists(f"{self.root}/run/vireod.pid"))
        self.assertFalse(os.path.exists(f"{self.root}/run/vireo-sock"))

    def test_pid_file_and_relative_paths(self):
        self.configure("max_clients = 3")
        run = subprocess.run([f"{BUILD}/vireod", "--root", ".", "-f", "etc/vireod.conf", "-d", "-p", "my.pid"],
                             cwd=self.root, timeout=60)
        self.assertEqual(run.returncode, 0)
        self.end(self.pid(f"{self.root}/my.pid"))
        self.assertFalse(os.path.exists(f"{self.root}/my.pid"))

    def test_failure_is_the_commands(self):
        self.configure("max_clients = 0")
        self.assertEqual(self.vireod("-d").returncode, 1)
        self.configure("")
        os.mkdir(f"{self.root}/log")
        os.mkdir(f"{self.root}/log/vireod.log")
        run = self.vireod("-d")
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot open the log", run.stderr)
        self.assertFalse(os.path.exists(f"{self.root}/run/vireod.pid"))


if __name__ == "__main__":
    unittest.main()
