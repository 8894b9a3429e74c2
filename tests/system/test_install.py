# SPDX-License-Identifier: LGPL-2.1-or-later
"""make install into a folder: what lands where, whether it fits together, and that a changed file stays."""
import configparser
import os
import subprocess
import tempfile
import unittest

from vireotest import BUILD


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vireo-test-")
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def install(self):
        subprocess.check_call(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"],
                              env={**os.environ, "DESTDIR": self.root}, stdout=subprocess.DEVNULL)
        found = {}
        for top, _, names in os.walk(self.root):
            for name in names:
                found[name] = os.path.join(top, name)
        return found

    def unit(self, path):
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read(path)
        return parser

    def test_everything_is_there_and_fits(self):
        found = self.install()
        self.assertEqual(found["vireod.conf"], f"{self.root}/etc/vireo/vireod.conf")
        for name in ("vireod", "vireod.8", "vireod.service", "vireod.socket", "vireod-ro.socket", "domain.rng"):
            self.assertIn(name, found)
        program = self.unit(found["vireod.service"])["Service"]["ExecStart"]
        self.assertEqual(self.root + program, found["vireod"])
        self.assertIn("vireod", subprocess.check_output([found["vireod"], "--version"], text=True))
        for name, readonly in (("vireod.socket", False), ("vireod-ro.socket", True)):
            unit = self.unit(found[name])["Socket"]
            self.assertEqual(unit["Service"], "vireod.service")
            self.assertEqual(unit["FileDescriptorName"].endswith("-ro"), readonly)
            self.assertEqual(unit["SocketMode"], "0666" if readonly else "0600")
            self.assertEqual(unit["ListenStream"].endswith("-ro"), readonly)
        self.assertEqual(self.unit(found["vireod.service"])["Service"]["KillMode"], "process")

    def test_installed_configuration_is_read_and_kept(self):
        conf = self.install()["vireod.conf"]
        with open(conf, "a") as out:
            out.write("no_such_key = 1\n")
        self.install()
        run = subprocess.run([f"{BUILD}/vireod", "--root", self.root, "--config", conf], capture_output=True, text=True,
                             timeout=60)
        self.assertIn("unknown key 'no_such_key'", run.stderr)


if __name__ == "__main__":
    unittest.main()
