# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connections by unmodified clients, and by clients that mean harm."""
import os
import random
import socket
import struct
import unittest

import libvirt

from vireotest import DaemonTest

REMOTE = 0x20008086
PROC_OPEN, PROC_GET_HOSTNAME, PROC_DESTROY = 1, 59, 12


def packet(procedure, payload=b"", program=REMOTE, version=1, kind=0, serial=1, status=0):
    return struct.pack(">IIIiIII", 28 + len(payload), program, version, procedure, kind, serial, status) + payload


def receive(sock):
    """One packet: (procedure, type, serial, status, payload)."""
    def exactly(count):
        data = b""
        while len(data) < count:
            piece = sock.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
    (length,) = struct.unpack(">I", exactly(4))
    _, _, procedure, kind, serial, status = struct.unpack(">IIiIII", exactly(24))
    return procedure, kind, serial, status, exactly(length - 28)


class Connection(DaemonTest):
    def raw(self, path=None):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(60)
        sock.connect(path or self.daemon.socket)
        self.addCleanup(sock.close)
        return sock

    def assertAlive(self):
        with libvirt.open(self.daemon.uri) as conn:
            self.assertEqual(conn.getLibVersion(), 9000000)

    def test_virsh(self):
        self.assertEqual(self.virsh("uri")[:2], (0, self.daemon.uri))
        self.assertEqual(self.virsh("hostname")[:2], (0, socket.gethostname()))
        status, out, _ = self.virsh("nodeinfo")
        self.assertEqual(status, 0)
        self.assertIn(f"CPU(s):              {os.sysconf('SC_NPROCESSORS_ONLN')}", out)

    def test_python(self):
        with libvirt.open(self.daemon.uri) as conn:
            self.assertEqual(conn.getType(), "QEMU")
            self.assertTrue(conn.isAlive())
            self.assertTrue(conn.isSecure())
            self.assertIn("<topology sockets=", conn.getCapabilities())

    def test_wrong_uri_names_the_right_one(self):
        status, _, text = self.virsh("-c", f"qemu:///session?socket={self.daemon.socket}", "uri")
        self.assertEqual(status, 1)
        self.assertIn("qemu:///system", text)

    def test_unbuilt_call_is_no_support(self):
        with libvirt.open(self.daemon.uri) as conn:
            with self.assertRaises(libvirt.libvirtError) as caught:
                conn.getSysinfo()
        self.assertEqual(caught.exception.get_error_code(), libvirt.VIR_ERR_NO_SUPPORT)

    def test_readonly_socket_refuses_before_decoding(self):
        sock = self.raw(self.daemon.socket + "-ro")
        sock.sendall(packet(PROC_DESTROY, b"\xff" * 8))
        _, kind, _, status, payload = receive(sock)
        self.assertEqual((kind, status), (1, 1))
        self.assertEqual(struct.unpack(">i", payload[:4])[0], libvirt.VIR_ERR_OPERATION_DENIED)

    def test_bad_calls_are_answered_and_the_connection_lives(self):
        sock = self.raw()
        bad = [packet(9999), packet(-1), packet(1, program=0x1234), packet(1, version=7), packet(PROC_OPEN, b"\0\0\0\1"),
               packet(PROC_OPEN, b"\0\0\0\1\xff\xff\xff\xff"), packet(PROC_GET_HOSTNAME)]
        for serial, data in enumerate(bad):
            sock.sendall(data[:20] + struct.pack(">I", serial) + data[24:])
            answer = receive(sock)
            self.assertEqual((answer[2], answer[3]), (serial, 1))
        sock.sendall(packet(PROC_OPEN, struct.pack(">II", 0, 0)))
        self.assertEqual(receive(sock)[3], 0)

    def test_keepalive_does_not_count(self):
        sock = self.raw()
        for _ in range(500):
            sock.sendall(packet(1, program=0x6b656570, kind=2, serial=0))
        for _ in range(500):
            self.assertEqual(receive(sock)[0], 2)

    def test_garbage_truncated_oversized(self):
        rng = random.Random(5)
        for data in [bytes(rng.randrange(256) for _ in range(4096)), b"\xff" * 64, b"\0\0\0\0", packet(1)[:9],
                     struct.pack(">I", 4 + 33554432 + 1), struct.pack(">I", 33554432) + b"x" * 100]:
            sock = self.raw()
            sock.sendall(data)
            sock.close()
        self.assertAlive()

    def test_split_and_joined_packets(self):
        sock = self.raw()
        data = packet(PROC_OPEN, struct.pack(">II", 0, 0)) + packet(PROC_GET_HOSTNAME, serial=2)
        for byte in data:
            sock.sendall(bytes([byte]))
        self.assertEqual(receive(sock)[3], 0)
        self.assertIn(socket.gethostname().encode(), receive(sock)[4])
        sock.sendall(packet(PROC_GET_HOSTNAME) * 300)
        self.assertEqual({receive(sock)[3] for _ in range(300)}, {0})

    def test_500_idle_connections(self):
        before = self.daemon.descriptors()
        idle = [self.raw() for _ in range(500)]
        self.assertAlive()
        for sock in idle:
            sock.close()
        self.assertAlive()
        self.assertLess(self.daemon.descriptors(), before + 10)

    def test_client_that_does_not_read(self):
        sock = self.raw()
        sock.sendall(packet(PROC_OPEN, struct.pack(">II", 0, 0)))
        sock.setblocking(False)
        sent = 0
        call = packet(PROC_GET_HOSTNAME) * 1000
        try:
            while sent < 64 * 1024 * 1024:
                sent += sock.send(call)
        except BlockingIOError:
            pass
        self.assertLess(sent, 64 * 1024 * 1024, "the daemon takes calls without end from a client that does not read")
        self.assertAlive()

    def test_second_daemon_on_one_root_is_refused(self):
        import subprocess
        run = subprocess.run([f"{os.environ['VIREO_BUILD']}/vireod", "--root", self.daemon.root], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("another vireod", run.stderr)
        self.assertAlive()


if __name__ == "__main__":
    unittest.main()
