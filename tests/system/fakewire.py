# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon that is only a wire: it answers calls with what a test gives it, so that two clients can be shown the same.

Answers are by the call's name in proto/remote.calls: bytes, or a function of the argument bytes that returns bytes.
A call without an answer gets VIR_ERR_NO_SUPPORT. Raised WireError are sent as errors.
"""
import os
import pathlib
import socket
import struct
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
REMOTE, KEEPALIVE = 0x20008086, 0x6b656570
CALL, REPLY, MESSAGE = 0, 1, 2
OK, ERROR = 0, 1
NO_SUPPORT, NO_DOMAIN = 3, 42


def calls():
    """name -> number, from the table the product is built of"""
    out = {}
    for line in (ROOT / "proto/remote.calls").read_text().splitlines():
        words = line.split()
        if words and words[0].isdigit():
            out[words[1]] = int(words[0])
    return out


NUMBERS = calls()
NAMES = {number: name for name, number in NUMBERS.items()}


class WireError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# -- XDR --

def integer(value):
    return struct.pack(">i", value)


def hyper(value):
    return struct.pack(">q", value)


def string(text):
    data = text.encode()
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


def optional(text):
    return integer(0) if text is None else integer(1) + string(text)


def array(items):
    return integer(len(items)) + b"".join(items)


def param(name, kind, value):
    """kind: int, uint, llong, ullong, double, boolean, string"""
    number = ["int", "uint", "llong", "ullong", "double", "boolean", "string"].index(kind) + 1
    packed = {1: lambda: integer(value), 2: lambda: struct.pack(">I", value), 3: lambda: hyper(value),
              4: lambda: struct.pack(">Q", value), 5: lambda: struct.pack(">d", value),
              6: lambda: integer(value), 7: lambda: string(value)}[number]()
    return string(name) + integer(number) + packed


UUID = bytes(range(16))


def domain(name="guest", number=1):
    return string(name) + UUID + integer(number)


def error(code, message):
    return (integer(code) + integer(10) + optional(message) + integer(2) + integer(0) + optional(message)
            + integer(0) + integer(0) + integer(-1) + integer(-1) + integer(0))


class Connection:
    def __init__(self, daemon, sock):
        self.daemon, self.sock = daemon, sock

    def send(self, program, procedure, kind, serial, status, payload):
        body = struct.pack(">IIiIII", program, 1, procedure, kind, serial, status) + payload
        self.sock.sendall(struct.pack(">I", len(body) + 4) + body)

    def event(self, name, payload):
        self.send(REMOTE, NUMBERS[name], MESSAGE, 0, OK, payload)

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def serve(self):
        try:
            while True:
                length, = struct.unpack(">I", self.read(4))
                body = self.read(length - 4)
                self.one(struct.unpack(">IIiIII", body[:24]), body[24:])
        except (EOFError, OSError):
            self.sock.close()

    def one(self, header, payload):
        program, _, procedure, kind, serial, _ = header
        if program == KEEPALIVE:
            self.daemon.pongs += procedure == 2
            if procedure == 1:
                self.send(KEEPALIVE, 2, MESSAGE, 0, OK, b"")
            return
        if kind != CALL:
            return
        name = NAMES.get(procedure, "?") if program == REMOTE else "?"
        self.daemon.seen.append(name)
        try:
            answer = self.daemon.answers.get(name)
            if answer is None:
                raise WireError(NO_SUPPORT, f"this function is not supported by the connection driver: {name}")
            self.send(program, procedure, REPLY, serial, OK, answer(payload) if callable(answer) else answer)
        except WireError as failure:
            self.send(program, procedure, REPLY, serial, ERROR, error(failure.code, str(failure)))
        after = self.daemon.after.get(name)
        if after:
            after(self)


class FakeDaemon:
    """Serves connections, a thread each, until closed."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "fake-sock")
        self.uri = f"qemu:///system?socket={self.path}"
        self.seen, self.pongs, self.after = [], 0, {}
        self.answers = {
            "auth_list": array([integer(0)]), "connect_open": b"", "connect_close": b"",
            "connect_supports_feature": integer(1), "connect_get_uri": string("qemu:///system"),
            "connect_register_close_callback": b"", "connect_unregister_close_callback": b"",
            "connect_domain_event_callback_deregister_any": b"", "connect_get_type": string("QEMU"),
            "domain_lookup_by_name": lambda _: domain(), "domain_is_active": integer(1),
        }
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.threads = []
        self.acceptor = threading.Thread(target=self.accept)
        self.acceptor.start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=Connection(self, sock).serve)
            thread.start()
            self.threads.append(thread)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in [self.acceptor, *self.threads]:
            thread.join()
