# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connections by unmodified clients, and by clients that mean harm."""
import os
import random
import select
import socket
import struct
import unittest

import libvirt

from vireotest import DaemonTest

REMOTE = 0x20008086
PROC_OPEN, PROC_GET_HOSTNAME, PROC_DESTROY, PROC_CREATE_WITH_FILES = 1, 59, 12, 310
CALL_WITH_FDS = 4


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


class ConnectionTest(DaemonTest):
    def raw(self, path=None):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(60)
        sock.connect(path or self.daemon.socket)
        self.addCleanup(sock.close)
        return sock

    def assertAlive(self):
        with libvirt.open(self.daemon.uri) as conn:
            self.assertEqual(conn.getLibVersion(), 9000000)


class Connection(ConnectionTest):
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


class Descriptors(ConnectionTest):
    """Descriptors beside calls: all that come in are closed again, whatever becomes of the call."""

    def setUp(self):
        super().setUp()
        self.conn = libvirt.open(self.daemon.uri)
        self.addCleanup(lambda: self.conn.close())
        self.conn.getHostname()
        self.before = self.daemon.descriptors()
        self.pipes = []

    def pipe(self):
        """A write end to give away; the daemon has closed it when the read end says end of file."""
        ours, theirs = os.pipe()
        self.pipes.append(ours)
        return theirs

    def send(self, sock, descriptors, data=b"\0"):
        socket.send_fds(sock, [data], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)

    def call(self, procedure, announced, payload=b"", serial=1):
        return packet(procedure, struct.pack(">I", announced) + payload, kind=CALL_WITH_FDS, serial=serial)

    def assertAllClosed(self):
        for ours in self.pipes:
            self.assertTrue(select.select([ours], [], [], 60)[0], "a descriptor is still open")
            self.assertEqual(os.read(ours, 1), b"")
            os.close(ours)
        self.pipes.clear()

    def assertCutOff(self, sock):
        try:
            while sock.recv(4096):  # an answer that was sent before
                pass
        except ConnectionResetError:
            pass
        self.assertAllClosed()
        self.assertAlive()

    def test_call_that_needs_none(self):
        sock = self.raw()
        sock.sendall(packet(PROC_OPEN, struct.pack(">II", 0, 0)))
        self.assertEqual(receive(sock)[3], 0)
        for count in (0, 1, 32):
            sock.sendall(self.call(PROC_GET_HOSTNAME, count, serial=count))
            for _ in range(count):
                self.send(sock, [self.pipe()])
            self.assertEqual(receive(sock)[1:4], (1, count, 0))
            self.assertAllClosed()

    def test_calls_that_are_refused(self):
        for path, data in [(None, self.call(9999, 1)), (None, self.call(PROC_CREATE_WITH_FILES, 1)),
                           (None, self.call(PROC_OPEN, 1, b"\xff" * 40)), (self.daemon.socket + "-ro", self.call(PROC_DESTROY, 1)),
                           (None, self.call(PROC_GET_HOSTNAME, 1, b"too much"))]:
            sock = self.raw(path)
            sock.sendall(data)
            self.send(sock, [self.pipe()])
            self.assertEqual(receive(sock)[3], 1)
            self.assertAllClosed()
            sock.sendall(packet(PROC_OPEN, struct.pack(">II", 0, 1)))
            self.assertEqual(receive(sock)[3], 0)

    def test_split_and_joined(self):
        sock = self.raw()
        data = packet(PROC_OPEN, struct.pack(">II", 0, 0)) + self.call(PROC_GET_HOSTNAME, 3, serial=2)
        for byte in data:
            sock.sendall(bytes([byte]))
        for _ in range(3):
            self.send(sock, [self.pipe()])
        sock.sendall(packet(PROC_GET_HOSTNAME, serial=3) + self.call(PROC_GET_HOSTNAME, 1, serial=4))
        # another packet right behind the byte that has the descriptor
        self.send(sock, [self.pipe()], b"\0" + packet(PROC_GET_HOSTNAME, serial=5))
        self.assertEqual([receive(sock)[2:4] for _ in range(5)], [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)])
        self.assertAllClosed()

    def test_broken_promises(self):
        def unannounced(sock):
            self.send(sock, [self.pipe()], packet(PROC_GET_HOSTNAME))

        def before_the_packet(sock):
            self.send(sock, [self.pipe()], self.call(PROC_GET_HOSTNAME, 1)[:8])

        def too_many_announced(sock):
            sock.sendall(self.call(PROC_GET_HOSTNAME, 33))

        def far_too_many_announced(sock):
            sock.sendall(self.call(PROC_GET_HOSTNAME, 0xffffffff))

        def more_than_announced(sock):
            sock.sendall(self.call(PROC_GET_HOSTNAME, 2))
            self.send(sock, [self.pipe() for _ in range(200)])

        def bytes_without(sock):
            sock.sendall(self.call(PROC_GET_HOSTNAME, 2))
            self.send(sock, [self.pipe()])
            sock.sendall(b"\0")

        def no_number(sock):
            sock.sendall(packet(PROC_GET_HOSTNAME, b"", kind=CALL_WITH_FDS))

        for broken in (unannounced, before_the_packet, too_many_announced, far_too_many_announced, more_than_announced,
                       bytes_without, no_number):
            with self.subTest(broken.__name__):
                sock = self.raw()
                broken(sock)
                self.assertCutOff(sock)

    def test_client_that_leaves_in_between(self):
        sock = self.raw()
        sock.sendall(self.call(PROC_GET_HOSTNAME, 3))
        self.send(sock, [self.pipe()])
        self.send(sock, [self.pipe()])
        sock.close()
        self.assertAllClosed()
        self.conn.getHostname()
        self.assertEqual(self.daemon.descriptors(), self.before)

    def test_unmodified_client(self):
        domain = self.conn.defineXML("<domain type='qemu'><name>files</name><memory>65536</memory>"
                                     "<os><type arch='x86_64'>hvm</type></os></domain>")
        for _ in range(3):
            theirs = [self.pipe() for _ in range(2)]
            with self.assertRaises(libvirt.libvirtError) as caught:
                domain.createWithFiles(theirs)
            self.assertIn(caught.exception.get_error_code(), (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_CONFIG_UNSUPPORTED))
            for descriptor in theirs:
                os.close(descriptor)
            self.assertAllClosed()
        self.assertEqual(domain.name(), "files")
        self.assertEqual(self.daemon.descriptors(), self.before)


if __name__ == "__main__":
    unittest.main()
